#include "settings/reference.h"

#include <gtest/gtest.h>

#include "settings/kafka_keys.h"
#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

const std::vector<Key>& TestKeys() {
  static const std::vector<Key> keys = {
      {.name = "name",
       .type = ValueType::kText,
       .fallback = "x",
       .max = 128,
       .environment = "PICKET_NAME",
       .help = "A | B."},
      {.name = "box.wait", .type = ValueType::kDuration, .fallback = "90s", .min = 100, .max = 3'600'000},
      {.name = "box.keep",
       .type = ValueType::kDuration,
       .fallback = "30d",
       .unlimited = "forever",
       .reload = Reload::kHot},
      {.name = "box.size", .type = ValueType::kSize, .fallback = "16MiB"},
      {.name = "box.list", .type = ValueType::kTextList},
      {.name = "box.map", .type = ValueType::kTextMap},
      {.name = "box.password", .type = ValueType::kText, .environment = "PASSWORD", .secret = true},
      {.name = "tree", .type = ValueType::kCustom},
  };
  return keys;
}

std::string Print(const std::string& yaml, FakeFiles files = {}) {
  files.content["f"] = yaml;
  SettingsSources sources;
  sources.config_path = "f";
  sources.files = &files;
  Diagnostics diagnostics;
  const Settings settings = LoadSettings(TestKeys(), sources, &diagnostics);
  EXPECT_EQ(Lines(diagnostics), std::vector<std::string>{});
  return PrintSettings(settings,
                       [](const Key& key, std::string* out) { out->append(key.name).append(": []\n"); });
}

TEST(PrintSettings, WritesEveryKeyAndWhereItComesFrom) {
  EXPECT_EQ(
      Print("name: yes\nbox:\n  wait: 2m\n  keep: forever\n  list: [a, 'b c']\n  map: {linger.ms: 5}\n"),
      "name: \"yes\"  # f:1:7\n"
      "box:\n"
      "  wait: 2m  # f:3:9\n"
      "  keep: forever  # f:4:9\n"
      "  size: 16MiB\n"
      "  list: [a, \"b c\"]  # f:5:9\n"
      "  map: {linger.ms: 5}  # f:6:8\n"
      "  password:\n"
      "tree: []\n");
}

TEST(PrintSettings, WhatItPrintsIsReadAsTheSame) {
  const std::string first =
      Print("name: '1: \"x\" # é'\nbox: {wait: 1h, size: 1000, list: ['-', '~', 'a: b']}\n");
  std::string bare;
  for (size_t at = 0; at < first.size();) {
    const size_t end = first.find('\n', at);
    const std::string line = first.substr(at, end - at);
    bare += line.substr(0, line.rfind("  # ")) + "\n";
    at = end + 1;
  }
  const std::string second = Print(bare);
  EXPECT_NE(second.find("name: \"1: \\\"x\\\" # é\""), std::string::npos) << second;
  EXPECT_NE(second.find("list: [\"-\", \"~\", \"a: b\"]"), std::string::npos) << second;
}

TEST(PrintSettings, NeverShowsASecret) {
  FakeFiles files;
  files.content["/pw"] = "hush";
  EXPECT_NE(Print("box: {password: hush}").find("password: \"********\"  # f:1:17"), std::string::npos);
  const std::string from_file = Print("box: {password_file: /pw}", files);
  EXPECT_NE(from_file.find("password_file: /pw  # f:1:22"), std::string::npos) << from_file;
  EXPECT_EQ(from_file.find("hush"), std::string::npos);
  EXPECT_EQ(Print("box: {map: {ssl.key.password: hush}}").find("hush"), std::string::npos);
}

TEST(YamlScalar, QuotesWhatYamlWouldTakeForSomethingElse) {
  for (const char* text : {"abc", "a.b-c_d/e", "/var/x.db", "30s", "5"}) EXPECT_EQ(YamlScalar(text), text);
  for (const char* text :
       {"", "yes", "null", "~", "-", "a b", "a:b", "#a", "é", "*a", "&a", "{}", "- a", ".inf"}) {
    EXPECT_EQ(YamlScalar(text), "\"" + std::string(text) + "\"");
  }
  EXPECT_EQ(YamlScalar("a\"\\\n"), R"("a\"\\\n")");
}

TEST(KeyReference, IsATableOfTheKeys) {
  EXPECT_EQ(KeyReference(TestKeys()),
            "| key | type | default | limits | environment | change | meaning |\n"
            "|---|---|---|---|---|---|---|\n"
            "| `name` | text | `x` | 0 to 128 bytes | `PICKET_NAME` | restart | A \\| B. |\n"
            "| `box.wait` | duration | `90s` | 100ms to 1h | | restart | |\n"
            "| `box.keep` | duration | `30d` | at least 0s, or `forever` | | hot | |\n"
            "| `box.size` | size | `16MiB` | at least 0 | | restart | |\n"
            "| `box.list` | list | | | | restart | |\n"
            "| `box.map` | mapping | | | | restart | |\n"
            "| `box.password`, `box.password_file` | text | | | `PASSWORD`, `PASSWORD_FILE` | restart | |\n"
            "| `tree` | list | | | | restart | |\n");
}

TEST(ReplaceBlock, ReplacesWhatStandsBetweenTheMarks) {
  EXPECT_EQ(ReplaceBlock("a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n", "x", "new\n"),
            "a\n<!-- begin x -->\nnew\n<!-- end x -->\nb\n");
  EXPECT_EQ(ReplaceBlock("a\n", "x", "new\n"), "");
}

TEST(IsSecretKafkaProperty, KnowsTheUsualWords) {
  for (const char* name :
       {"sasl.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "ssl.keystore.password"}) {
    EXPECT_TRUE(IsSecretKafkaProperty(name)) << name;
  }
  EXPECT_FALSE(IsSecretKafkaProperty("linger.ms"));
}

}  // namespace
}  // namespace picket
