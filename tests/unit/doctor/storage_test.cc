#include "agent/doctor/storage.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

StorageFacts Well() {
  StorageFacts facts;
  facts.directory = "/var/lib/picket";
  facts.exists = true;
  facts.kind = KindOfFileSystem(0xef53);
  facts.free_bytes = 1 << 30;
  facts.sync_time = std::chrono::milliseconds(4);
  return facts;
}

std::vector<Check> Judge(const StorageFacts& facts) {
  Report report(nullptr, {});
  JudgeStorage(facts, BufferConfig(), &report);
  return report.Checks();
}

TEST(JudgeStorage, ADiskIsFine) {
  for (const Check& check : Judge(Well())) EXPECT_EQ(check.verdict, Verdict::kOk) << check.found;
}

TEST(JudgeStorage, MemoryIsLostAtAReboot) {
  StorageFacts facts = Well();
  facts.kind = KindOfFileSystem(0x01021994);
  const auto checks = Judge(facts);
  EXPECT_EQ(checks[0].verdict, Verdict::kWarning);
  EXPECT_NE(checks[0].found.find("lost at a reboot"), std::string::npos);
  EXPECT_NE(checks[0].cure.find("buffer.path"), std::string::npos);
}

TEST(JudgeStorage, AFullDiskIsACross) {
  StorageFacts facts = Well();
  facts.free_bytes = 0;
  facts.write_error = Error{ErrorCode::kResourceExhausted, "cannot write /x: No space left on device"};
  const auto checks = Judge(facts);
  EXPECT_EQ(checks[1].verdict, Verdict::kFailed);
  EXPECT_EQ(checks[2].verdict, Verdict::kSkipped);
}

TEST(JudgeStorage, LessSpaceThanTheCapIsAWarningUnlessTheBufferHasIt) {
  StorageFacts facts = Well();
  facts.free_bytes = 1 << 20;
  EXPECT_EQ(Judge(facts)[1].verdict, Verdict::kWarning);
  facts.buffer_bytes = 16 << 20;
  EXPECT_EQ(Judge(facts)[1].verdict, Verdict::kOk);
}

TEST(JudgeStorage, ReadOnlyIsACrossThatNamesTheSetting) {
  StorageFacts facts = Well();
  facts.write_error = Error{ErrorCode::kPermission, "cannot write to /x: Read-only file system"};
  const auto checks = Judge(facts);
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].verdict, Verdict::kFailed);
  EXPECT_NE(checks[0].cure.find("buffer.path"), std::string::npos);
}

TEST(JudgeStorage, ASlowDiskIsAWarning) {
  StorageFacts facts = Well();
  facts.sync_time = std::chrono::seconds(1);
  EXPECT_EQ(Judge(facts)[2].verdict, Verdict::kWarning);
}

TEST(KindOfFileSystem, AnUnknownOneHasItsNumber) {
  EXPECT_EQ(KindOfFileSystem(0x1234).name, "file system 0x1234");
}

}  // namespace
}  // namespace picket
