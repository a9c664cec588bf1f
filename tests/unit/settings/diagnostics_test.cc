#include "settings/diagnostics.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(Diagnostics, ALineSaysPlaceSeverityAndMessage) {
  Diagnostics diagnostics;
  diagnostics.Error({"picket.yaml", 12, 5}, "unknown key '%s'", "intervall");
  diagnostics.Warning({"environment variable KAFKA_TOPIC"}, "odd");
  ASSERT_EQ(diagnostics.Items().size(), 2u);
  EXPECT_EQ(diagnostics.Items()[0].ToString(), "picket.yaml:12:5: error: unknown key 'intervall'");
  EXPECT_EQ(diagnostics.Items()[1].ToString(), "environment variable KAFKA_TOPIC: warning: odd");
}

TEST(Diagnostics, WarningsAreNoFailure) {
  Diagnostics diagnostics;
  diagnostics.Warning({"f"}, "odd");
  EXPECT_FALSE(diagnostics.HasErrors());
  EXPECT_TRUE(diagnostics.Result());
}

TEST(Diagnostics, TheResultHasALineForEachError) {
  Diagnostics diagnostics;
  diagnostics.Error({"f", 1, 1}, "one");
  diagnostics.Warning({"f", 2, 1}, "not an error");
  diagnostics.Error({"f", 3, 1}, "two");
  const Status result = diagnostics.Result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kConfig);
  EXPECT_EQ(result.error().message, "f:1:1: error: one\nf:3:1: error: two");
}

TEST(Diagnostics, KeepsTwentyAndCountsTheRest) {
  Diagnostics diagnostics;
  for (int i = 1; i <= 25; ++i) diagnostics.Error({"f", static_cast<size_t>(i), 1}, "e");
  EXPECT_EQ(diagnostics.Items().size(), Diagnostics::kMaxKept);
  EXPECT_EQ(diagnostics.ErrorCount(), 25u);
  EXPECT_TRUE(diagnostics.Result().error().message.ends_with("f:20:1: error: e\n... and 5 more errors"));
}

TEST(Diagnostics, ManyWarningsDoNotHideAnError) {
  Diagnostics diagnostics;
  for (int i = 0; i < 100; ++i) diagnostics.Warning({"f"}, "w");
  diagnostics.Error({"f"}, "e");
  EXPECT_EQ(diagnostics.Items().back().message, "e");
}

TEST(Diagnostics, AMessageIsOneLine) {
  Diagnostics diagnostics;
  diagnostics.Error({"f"}, "a%sb", "\n\x1B[31m");
  EXPECT_EQ(diagnostics.Items()[0].message, "a??[31mb");
}

}  // namespace
}  // namespace picket
