#include "agent/control/reloader.h"

#include <gtest/gtest.h>

#include <atomic>

#include "agent/config/agent_keys.h"
#include "agent/control/reply.h"
#include "tests/unit/port/fake_loop.h"
#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

std::shared_ptr<const LoadedConfig> MakeConfig(const std::string& agent) {
  LoadedConfig loaded{.config = {}, .settings = Settings(AgentKeys())};
  loaded.config.agent = agent;
  return std::make_shared<const LoadedConfig>(std::move(loaded));
}

class ReloaderTest : public testing::Test {
 protected:
  ReloaderTest() {
    reloader_ = std::make_unique<Reloader>(
        loop_, logger_, MakeConfig("first"),
        Reloader::Hooks{.prepare = [this](const LoadedConfig& running) { return Prepare(running); },
                        .apply = [this](PreparedReload, std::function<void(Status)> done) {
                          ++applied_;
                          done(apply_result_);
                        }});
  }

  Expected<PreparedReload> Prepare(const LoadedConfig&) {
    ++prepared_;
    if (!prepare_result_) return std::unexpected(prepare_result_.error());
    return PreparedReload{.merged = {.config = *MakeConfig("second"), .changes = changes_}, .warnings = {}, .trust = {}};
  }

  void Request() {
    reloader_->Request([this](const ReloadReport& report) { reports_.push_back(report); });
  }
  // Until the thread has posted, and all that follows has run.
  void Settle(size_t reports) {
    while (reports_.size() < reports) {
      if (loop_.RunPosted() == 0) std::this_thread::yield();
    }
  }

  FakeClock clock_;
  FakeLoop loop_{clock_};
  FakeLogger logger_;
  std::atomic<int> prepared_{0};
  int applied_ = 0;
  Status prepare_result_, apply_result_;
  ConfigChanges changes_;
  std::vector<ReloadReport> reports_;
  std::unique_ptr<Reloader> reloader_;
};

TEST_F(ReloaderTest, AGoodConfigurationBecomesTheRunningOne) {
  changes_.sites_added = {"shop"};
  changes_.restart = {"buffer.path"};
  Request();
  Settle(1);
  EXPECT_TRUE(reports_[0].result);
  EXPECT_EQ(reloader_->running().config.agent, "second");
  EXPECT_EQ(reloader_->applied(), 1u);
  EXPECT_EQ(reloader_->restart_needed(), std::vector<std::string>{"buffer.path"});
  EXPECT_EQ(logger_.Count("info config configuration reloaded; sites added: shop"), 1u);
  EXPECT_EQ(logger_.Count("warning config changed, but only a restart applies it: buffer.path"), 1u);
}

TEST_F(ReloaderTest, ABadOneChangesNothingAndEachErrorHasALine) {
  prepare_result_ = Fail(ErrorCode::kConfig, "f:1:1: error: one\nf:2:1: error: two");
  Request();
  Settle(1);
  EXPECT_EQ(applied_, 0);
  EXPECT_EQ(reloader_->running().config.agent, "first");
  EXPECT_EQ(reloader_->refused(), 1u);
  EXPECT_FALSE(reloader_->last_successful());
  EXPECT_EQ(logger_.Count("error config f:1:1: error: one"), 1u);
  EXPECT_EQ(logger_.Count("error config f:2:1: error: two"), 1u);
  EXPECT_EQ(logger_.Count("the one before stays in force"), 1u);
}

TEST_F(ReloaderTest, WhatCannotBeAppliedIsRefusedAsAWhole) {
  apply_result_ = Fail(ErrorCode::kConfig, "no such property");
  Request();
  Settle(1);
  EXPECT_FALSE(reports_[0].result);
  EXPECT_EQ(reloader_->running().config.agent, "first");
  EXPECT_FALSE(reloader_->last_successful());
}

TEST_F(ReloaderTest, RequestsDuringOneShareTheNext) {
  Request();
  Request();
  Request();
  Settle(3);
  EXPECT_EQ(prepared_, 2) << "the second read what was there when it was asked for";
}

TEST_F(ReloaderTest, TooManyRequestsAreRefused) {
  for (size_t i = 0; i < Reloader::kMaxWaiting + 2; ++i) Request();
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].result.error().code, ErrorCode::kResourceExhausted);
  Settle(Reloader::kMaxWaiting + 2);
}

TEST_F(ReloaderTest, TheReplyBoundsItsNames) {
  ReloadReport report;
  report.changes.sites_added.assign(10'000, std::string(128, 'x'));
  const std::string text = ReloadReply(report);
  EXPECT_LT(text.size(), size_t{16} << 10);
  JsonDocument document;
  const auto reply = ReadReply(text, &document);
  ASSERT_TRUE(reply);
  const JsonValue added = reply->GetObjectItem("sites").GetObjectItem("added");
  EXPECT_EQ(added.GetObjectItem("count").GetInteger(), 10'000);
  EXPECT_EQ(added.GetObjectItem("names").Size(), 50u);
}

}  // namespace
}  // namespace picket
