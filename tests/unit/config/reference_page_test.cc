// docs/configuration.md and picket.example.yaml say what the agent's tables say.
#include "tests/unit/config/reference_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "agent/config/agent_keys.h"
#include "agent/config/load.h"
#include "settings/kafka_keys.h"
#include "settings/reference.h"
#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

const std::string kExample = std::string(PICKET_SOURCE_DIR) + "/picket.example.yaml";

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

// The example, with the files it names in place.
Expected<LoadedConfig> LoadExample(const std::string& text, FakeFiles* files, Diagnostics* diagnostics) {
  files->content["picket.example.yaml"] = text;
  files->content["/etc/picket/password"] = "x";
  files->content["/etc/picket/ca.pem"] = files->content["/etc/picket/client.pem"] =
      files->content["/etc/picket/client.key"] = "";
  SettingsSources sources;
  sources.config_path = "picket.example.yaml";
  sources.files = files;
  return LoadAgentConfig(sources, true, AcceptAll(), diagnostics);
}

TEST(Example, IsAConfiguration) {
  FakeFiles files;
  Diagnostics diagnostics;
  const auto loaded = LoadExample(ReadWhole(kExample), &files, &diagnostics);
  EXPECT_TRUE(loaded) << loaded.error().message;
}

TEST(Example, NamesEveryKeyOfTheTables) {
  // Optional keys are commented out with "#": without it the file must still be right.
  std::string text = ReadWhole(kExample);
  std::string uncommented;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    const size_t mark = line.find_first_not_of(' ');
    if (mark != std::string::npos && line.compare(mark, 2, "#:") == 0) line.erase(mark, 2);
    uncommented += line + "\n";
    at = end + 1;
  }
  FakeFiles files;
  Diagnostics diagnostics;
  const auto loaded = LoadExample(uncommented, &files, &diagnostics);
  ASSERT_TRUE(loaded) << loaded.error().message << "\n" << uncommented;
  for (const Key& key : AgentKeys()) EXPECT_TRUE(loaded->settings.IsSet(key.name)) << key.name;
}

}  // namespace
}  // namespace picket
