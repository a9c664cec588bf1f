#include "agent/config/reload.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "agent/config/agent_keys.h"
#include "tests/unit/config/test_validators.h"
#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

using Names = std::vector<std::string>;
using std::chrono::seconds;

constexpr const char* kKafka = "kafka: {brokers: ['a:1'], username: u, password: p}\n";

class ReloadTest : public testing::Test {
 protected:
  LoadedConfig Load(const std::string& yaml) {
    files_.content["f"] = yaml;
    SettingsSources sources;
    sources.config_path = "f";
    sources.files = &files_;
    Diagnostics diagnostics;
    auto loaded = LoadAgentConfig(sources, true, TestValidators(), &diagnostics);
    EXPECT_TRUE(loaded) << yaml << "\n" << (loaded ? "" : loaded.error().message);
    return *std::move(loaded);
  }
  MergedConfig Merge(const std::string& running, const std::string& fresh) {
    return *MergeConfig(Load(running), Load(fresh), true, TestValidators());
  }

  FakeFiles files_;
};

TEST_F(ReloadTest, NothingChangedIsNothingToDo) {
  const std::string yaml = std::string(kKafka) + "sites: ['http://a/']";
  EXPECT_TRUE(Merge(yaml, yaml).changes.Empty());
  EXPECT_TRUE(Merge(yaml, yaml + "\nlog: {level: info}").changes.Empty()) << "the default, written out";
}

TEST_F(ReloadTest, SitesAreComparedByName) {
  const std::string head = std::string(kKafka) + "sites: [{name: same, url: 'http://a/'}, ";
  const LoadedConfig running = Load(head + "{name: old, url: 'http://b/'}, {name: other, url: 'http://c/'}]");
  const auto merged =
      MergeConfig(running, Load(head + "{name: new, url: 'http://b/'}, {name: other, url: 'http://d/'}]"), true,
                  TestValidators());
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->changes.sites_added, Names{"new"});
  EXPECT_EQ(merged->changes.sites_changed, Names{"other"});
  EXPECT_EQ(merged->changes.sites_removed, Names{"old"});
  EXPECT_EQ(merged->config.config.sites[0], running.config.sites[0]) << "the same object";
  EXPECT_EQ(merged->config.config.sites[2]->url, "http://d/");
}

TEST_F(ReloadTest, ADefaultChangesTheSitesThatInheritIt) {
  const std::string sites = std::string(kKafka) + "sites: [{url: 'http://a/'}, {url: 'http://b/', interval: 20s}]\n";
  const MergedConfig merged = Merge(sites, sites + "defaults: {interval: 15s}");
  EXPECT_EQ(merged.changes.applied, Names{"defaults.interval"});
  EXPECT_EQ(merged.changes.sites_changed, Names{"a"});
  EXPECT_EQ(merged.config.config.sites[0]->interval, seconds(15));
}

TEST_F(ReloadTest, WhatNeedsARestartIsNamedAndKeepsItsValue) {
  const std::string sites = std::string(kKafka) + "sites: ['http://a/']\n";
  const MergedConfig merged =
      Merge(sites + "buffer: {path: /b/old, drain_rate: 5}",
            sites + "buffer: {path: /b/new, drain_rate: 7, window: 50}\nserve: {listen: '127.0.0.1:1'}");
  EXPECT_EQ(merged.changes.restart, (Names{"buffer.path", "buffer.window", "serve.listen"}));
  EXPECT_EQ(merged.changes.applied, Names{"buffer.drain_rate"});
  const AgentConfig& config = merged.config.config;
  EXPECT_EQ(config.buffer.path, "/b/old");
  EXPECT_EQ(config.buffer.window_records, 1000u);
  EXPECT_EQ(config.buffer.drain_rate, 7u);
  EXPECT_EQ(config.serve.listen, "127.0.0.1:9116");
  EXPECT_EQ(config.control.socket, "/b/old.sock") << "it goes with the buffer in use";
}

TEST_F(ReloadTest, WhatNeedsARestartIsNamedAgainNextTime) {
  const std::string sites = std::string(kKafka) + "sites: ['http://a/']\n";
  const std::string changed = sites + "buffer: {window: 50}";
  const MergedConfig first = Merge(sites, changed);
  const auto second = MergeConfig(first.config, Load(changed), true, TestValidators());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->changes.restart, Names{"buffer.window"});
}

TEST_F(ReloadTest, ARotatedPasswordIsAChangeOfKafka) {
  files_.content["secret"] = "old\n";
  const std::string yaml =
      "kafka: {brokers: ['a:1'], username: u, password_file: secret}\nsites: ['http://a/']\n";
  const LoadedConfig running = Load(yaml);
  files_.content["secret"] = "new\n";
  const auto merged = MergeConfig(running, Load(yaml), true, TestValidators());
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->changes.applied, Names{"kafka.password"});
  EXPECT_TRUE(merged->changes.kafka);
  EXPECT_EQ(merged->config.config.kafka.password, "new");
}

TEST_F(ReloadTest, TheTopicNeedsARestart) {
  const std::string sites = "sites: ['http://a/']\n";
  const MergedConfig merged =
      Merge(sites + kKafka, sites + "kafka: {brokers: ['b:1'], username: u, password: p, topic: other}");
  EXPECT_EQ(merged.changes.restart, Names{"kafka.topic"});
  EXPECT_EQ(merged.changes.applied, Names{"kafka.brokers"});
  EXPECT_EQ(merged.config.config.kafka.topic, "picket.results");
}

// A site is taken from the fresh configuration as a whole, so none of what it is made of may be called
// restart-only.
TEST(ReloadMarks, EverythingASiteIsMadeOfIsHot) {
  for (const Key& key : SiteKeys()) EXPECT_EQ(key.reload, Reload::kHot) << key.name;
  for (const Key& key : AgentKeys()) {
    if (key.name.starts_with("defaults.")) {
      EXPECT_EQ(key.reload, Reload::kHot) << key.name;
    }
  }
}

}  // namespace
}  // namespace picket
