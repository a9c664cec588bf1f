#include "agent/keeper/spill_policy.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

using std::chrono::seconds;

class SpillPolicyTest : public testing::Test {
 protected:
  WindowId Add(BootTime since) {
    return window_.Add({.key = {.slot = 0, .seq = ++seq_}, .envelope = {}, .since = since});
  }

  static constexpr BootTime kStart{seconds(1000)};
  BufferConfig config_;  // offline, spill_after 5 s, commit_interval 10 s
  Window window_{3, 1 << 20};
  uint64_t seq_ = 0;
};

TEST_F(SpillPolicyTest, NothingIsDueWhenNothingWaits) {
  EXPECT_EQ(SpillPolicy(config_).Due(window_, true), std::nullopt);
}

TEST_F(SpillPolicyTest, ARecordIsDueSpillAfterItCame) {
  Add(kStart);
  EXPECT_EQ(SpillPolicy(config_).Due(window_, false), kStart + seconds(5));
}

TEST_F(SpillPolicyTest, WithTheClusterAwayTheFirstIsDueAtOnceAndTheNextACommitIntervalLater) {
  SpillPolicy policy(config_);
  window_.MarkSpooled(Add(kStart));
  Add(kStart + seconds(1));
  EXPECT_EQ(policy.Due(window_, true), kStart + seconds(1));
  policy.Committed(kStart);
  EXPECT_EQ(policy.Due(window_, true), kStart + seconds(10));
}

TEST_F(SpillPolicyTest, AFullWindowDoesNotWaitForTheInterval) {
  SpillPolicy policy(config_);
  policy.Committed(kStart);
  for (int i = 0; i < 3; ++i) Add(kStart + seconds(1));
  EXPECT_EQ(policy.Due(window_, true), kStart + seconds(1));
}

TEST_F(SpillPolicyTest, ModeAlwaysCommitsEverythingAtOnce) {
  config_.mode = BufferMode::kAlways;
  SpillPolicy policy(config_);
  policy.Committed(kStart);
  Add(kStart + seconds(1));
  EXPECT_EQ(policy.Due(window_, false), kStart + seconds(1));
}

TEST_F(SpillPolicyTest, AfterAFailureItWaitsLongerEachTime) {
  SpillPolicy policy(config_);
  for (int i = 0; i < 3; ++i) Add(kStart);
  policy.Failed(kStart);
  EXPECT_EQ(policy.Due(window_, true), kStart + seconds(1));
  policy.Failed(kStart + seconds(1));
  EXPECT_EQ(policy.Due(window_, true), kStart + seconds(3));
  policy.Committed(kStart + seconds(3));
  EXPECT_FALSE(policy.Failing());
}

}  // namespace
}  // namespace picket
