// docs/configuration.md and picket.example.yaml say what the agent's tables say.
#include "tests/unit/config/reference_page.h"

#include <gtest/gtest.h>

#include <string>

#include "agent/config/agent_keys.h"
#include "agent/config/load.h"
#include "settings/example.h"
#include "settings/kafka_keys.h"
#include "settings/reference.h"
#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

TEST(ReferencePage, HasTheAgentsKeys) {
  ExpectBlock("agent keys", KeyReference(AgentKeys()));
}

TEST(ReferencePage, HasTheKeysOfASite) {
  ExpectBlock("site keys", KeyReference(SiteKeys()));
}

TEST(ReferencePage, HasTheRefusedProperties) {
  ExpectBlock("refused properties", RefusedKafkaPropertyReference());
}

Validators AcceptAll() {
  const auto good = [](const std::string&) -> Status { return {}; };
  return {.url = good,
          .url_host = [](const std::string& url) -> Expected<std::string> { return url; },
          .regex = good,
          .listen = good};
}

// A configuration, with the files it names in place.
Expected<LoadedConfig> LoadExample(const std::string& text, Diagnostics* diagnostics) {
  FakeFiles files;
  files.content["picket.yaml"] = text;
  files.content["/etc/picket/password"] = "x";
  SettingsSources sources;
  sources.config_path = "picket.yaml";
  sources.files = &files;
  return LoadAgentConfig(sources, true, AcceptAll(), diagnostics);
}

TEST(Example, IsAConfiguration) {
  Diagnostics diagnostics;
  const auto loaded =
      LoadExample(ReadWhole(std::string(PICKET_SOURCE_DIR) + "/picket.example.yaml"), &diagnostics);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->config.sites.size(), 2u);
}

TEST(Example, HasEveryKeyOfTheTables) {
  ExpectExample("picket.example.yaml", KeyExample(AgentKeys(), SiteKeys()));
}

TEST(Example, KeysAreAConfigurationWithoutTheirMarks) {
  const std::string text = WithoutMarks(KeyExample(AgentKeys(), SiteKeys()));
  Diagnostics diagnostics;
  const auto loaded = LoadExample(text, &diagnostics);
  ASSERT_TRUE(loaded) << loaded.error().message << "\n" << text;
  EXPECT_TRUE(diagnostics.Items().empty()) << diagnostics.Items()[0].ToString();
  for (const Key& key : AgentKeys()) {
    EXPECT_TRUE(key.fallback.empty() || loaded->settings.IsSet(key.name)) << key.name;
  }
}

}  // namespace
}  // namespace picket
