#include "agent/cli/identity.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "port/files.h"
#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    std::string pattern = testing::TempDir() + "picket-identity-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~IdentityTest() override { std::filesystem::remove_all(directory_); }

  Expected<std::string> Resolve(const std::string& configured) {
    return ResolveAgentId(configured, directory_ + "/etc", entropy_, logger_);
  }

  std::string directory_;
  FakeEntropy entropy_;
  FakeLogger logger_;
};

TEST_F(IdentityTest, WhatTheUserSaysCounts) {
  EXPECT_EQ(Resolve("gw-berlin-01").value(), "gw-berlin-01");
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/etc"));
}

TEST_F(IdentityTest, IsDrawnOnceAndKept) {
  const std::string first = Resolve("").value();
  EXPECT_EQ(first.size(), 36u);
  EXPECT_EQ(Resolve("").value(), first);
  EXPECT_EQ(logger_.Count("first start"), 1u);
}

TEST_F(IdentityTest, RefusesADamagedFile) {
  ASSERT_TRUE(Resolve(""));
  ASSERT_TRUE(WriteFileAtomically(directory_ + "/etc/picket.agent-id", "\0\0\0\0"));
  EXPECT_EQ(Resolve("").error().code, ErrorCode::kCorrupt);
}

TEST_F(IdentityTest, NamesTheCureWhenItCannotBeKept) {
  ASSERT_TRUE(WriteFileAtomically(directory_ + "/etc", "a file where the directory should be"));
  const auto id = Resolve("");
  ASSERT_FALSE(id);
  EXPECT_NE(id.error().message.find("PICKET_AGENT"), std::string::npos);
}

}  // namespace
}  // namespace picket
