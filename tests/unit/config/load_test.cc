#include "agent/config/load.h"

#include <gtest/gtest.h>

#include "agent/config/agent_keys.h"
#include "tests/unit/config/test_validators.h"
#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

using std::chrono::milliseconds;

constexpr const char* kKafka = "kafka: {brokers: ['a:1'], username: u, password: p}\n";

class LoadTest : public testing::Test {
 protected:
  Expected<LoadedConfig> Load(const std::string& yaml, bool require_kafka = true) {
    files_.content["f"] = yaml;
    sources_.config_path = "f";
    return Load(require_kafka);
  }
  Expected<LoadedConfig> Load(bool require_kafka = true) {
    diagnostics_ = {};
    sources_.files = &files_;
    return LoadAgentConfig(sources_, require_kafka, TestValidators(), &diagnostics_);
  }
  AgentConfig Good(const std::string& yaml, bool require_kafka = true) {
    auto loaded = Load(yaml, require_kafka);
    EXPECT_TRUE(loaded) << yaml << "\n" << (loaded ? "" : loaded.error().message);
    return loaded ? loaded->config : AgentConfig{};
  }
  // Everything that is wrong, a line each.
  std::string Problem(const std::string& yaml) {
    const auto loaded = Load(kKafka + yaml);
    if (loaded) return "accepted";
    EXPECT_EQ(loaded.error().code, ErrorCode::kConfig);
    return loaded.error().message;
  }
  std::string WebsitesProblem(const std::string& json) {
    SetVariable("WEBSITES", json);
    return Problem("");
  }
  void SetVariable(const std::string& name, const std::string& value) {
    sources_.environment[name] = {value, {"environment variable " + name}};
  }

  FakeFiles files_;
  SettingsSources sources_;
  Diagnostics diagnostics_;
};

TEST_F(LoadTest, DefaultsAreThoseOfTheStruct) {
  const AgentConfig config = Good("sites: [https://example.org]", false);
  const AgentConfig expected;
  const Site site;
  ASSERT_EQ(config.sites.size(), 1u);
  EXPECT_EQ(config.sites[0]->interval, site.interval);
  EXPECT_EQ(config.sites[0]->timeout, site.timeout);
  EXPECT_EQ(config.sites[0]->max_body_bytes, site.max_body_bytes);
  EXPECT_EQ(config.sites[0]->max_redirects, site.max_redirects);
  EXPECT_FALSE(config.sites[0]->regex.has_value());
  EXPECT_EQ(config.buffer.path, expected.buffer.path);
  EXPECT_EQ(config.buffer.mode, expected.buffer.mode);
  EXPECT_EQ(config.buffer.spill_after, expected.buffer.spill_after);
  EXPECT_EQ(config.buffer.commit_interval, expected.buffer.commit_interval);
  EXPECT_EQ(config.buffer.max_bytes, expected.buffer.max_bytes);
  EXPECT_EQ(config.buffer.window_records, expected.buffer.window_records);
  EXPECT_EQ(config.buffer.drain_rate, expected.buffer.drain_rate);
  EXPECT_EQ(config.serve.listen, expected.serve.listen);
  EXPECT_EQ(config.log_level, expected.log_level);
  EXPECT_EQ(config.agent, "");
  EXPECT_EQ(config.site_ca_file, "");
}

TEST_F(LoadTest, ReadsTheFileOfTheDesign) {
  files_.content["/etc/picket/password"] = "secret\n";
  files_.content["/etc/picket/ca.pem"] = "";
  const AgentConfig config = Good(R"(
agent: gw-berlin-01                       # default: a UUID kept beside this file
defaults: {interval: 30s, timeout: 10s, ca_file: /etc/picket/ca.pem}
sites:
  - https://example.org                   # a bare URL works; its name is the host
  - {name: shop, url: "https://shop.example/health", regex: 'ok', interval: 10s}
kafka:
  brokers: [kafka.example:9094]
  topic: picket.results
  username: gw
  password_file: /etc/picket/password
  sasl_mechanism: SCRAM-SHA-512
  ca_file: /etc/picket/ca.pem             # default: the system's
buffer: {path: /tmp/b.db, mode: always, spill_after: 5s, commit_interval: 10s, max_bytes: 1MiB, window: 50, drain_rate: 7}
serve: {listen: "127.0.0.1:9117"}
log: {level: debug}
)");
  EXPECT_EQ(config.agent, "gw-berlin-01");
  ASSERT_EQ(config.sites.size(), 2u);
  EXPECT_EQ(config.sites[0]->name, "example.org");
  EXPECT_EQ(config.sites[0]->url, "https://example.org");
  EXPECT_EQ(config.sites[1]->name, "shop");
  EXPECT_EQ(config.sites[1]->regex, "ok");
  EXPECT_EQ(config.sites[1]->interval, milliseconds(10'000));
  EXPECT_EQ(config.kafka.password, "secret");
  EXPECT_EQ(config.kafka.sasl_mechanism, "SCRAM-SHA-512");
  EXPECT_EQ(config.buffer.mode, BufferMode::kAlways);
  EXPECT_EQ(config.buffer.max_bytes, 1u << 20);
  EXPECT_EQ(config.buffer.window_records, 50u);
  EXPECT_EQ(config.buffer.drain_rate, 7u);
  EXPECT_EQ(config.serve.listen, "127.0.0.1:9117");
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  EXPECT_EQ(config.site_ca_file, "/etc/picket/ca.pem");
}

TEST_F(LoadTest, TheTenEnvironmentNamesAreEnough) {
  SetVariable("KAFKA_BOOTSTRAP_SERVERS", "a.example:9094,b.example:9094");
  SetVariable("KAFKA_USERNAME", "u");
  SetVariable("KAFKA_PASSWORD", "p");
  SetVariable("KAFKA_TOPIC", "t");
  SetVariable("KAFKA_CONSUMER_GROUP", "the consumer's");
  SetVariable("DATABASE_URL", "the consumer's");
  SetVariable("REQUEST_TIMEOUT", "1.5");
  SetVariable("CHECK_INTERVAL", "20");
  SetVariable("LOG_LEVEL", "WARNING");
  SetVariable(
      "WEBSITES",
      R"([{"name":"a","url":"https://a.example","regex":"ok"},{"name":"b","url":"http://b.example","regex":null}])");
  const auto loaded = Load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(Lines(diagnostics_), std::vector<std::string>{});
  const AgentConfig& config = loaded->config;
  EXPECT_EQ(config.kafka.brokers.size(), 2u);
  EXPECT_EQ(config.kafka.topic, "t");
  EXPECT_EQ(config.kafka.security_protocol, "SASL_SSL");
  EXPECT_EQ(config.kafka.sasl_mechanism, "SCRAM-SHA-256");
  EXPECT_EQ(config.log_level, LogLevel::kWarning);
  ASSERT_EQ(config.sites.size(), 2u);
  EXPECT_EQ(config.sites[0]->regex, "ok");
  EXPECT_EQ(config.sites[0]->timeout, milliseconds(1500));
  EXPECT_EQ(config.sites[0]->interval, milliseconds(20'000));
  EXPECT_FALSE(config.sites[1]->regex.has_value());
}

TEST_F(LoadTest, OtherVariablesBeginWithPicket) {
  SetVariable("PICKET_AGENT", "gw");
  SetVariable("PICKET_BUFFER_PATH", "/tmp/x.db");
  SetVariable("PICKET_SERVE_LISTEN", "off");
  SetVariable("PICKET_KAFKA_SASL_MECHANISM", "PLAIN");
  const AgentConfig config = Good(std::string(kKafka) + "sites: [http://a.example]");
  EXPECT_EQ(config.agent, "gw");
  EXPECT_EQ(config.buffer.path, "/tmp/x.db");
  EXPECT_EQ(config.serve.listen, "");
  EXPECT_EQ(config.kafka.sasl_mechanism, "PLAIN");
}

TEST_F(LoadTest, WebsitesGoesBeforeTheFilesSites) {
  SetVariable("WEBSITES", R"([{"name":"env","url":"http://e.example"}])");
  const AgentConfig config = Good(std::string(kKafka) + "sites: [{nonsense: 1}]");
  ASSERT_EQ(config.sites.size(), 1u);
  EXPECT_EQ(config.sites[0]->name, "env");
}

TEST_F(LoadTest, FlagsGoBeforeAll) {
  SetVariable("LOG_LEVEL", "ERROR");
  sources_.flags = {{"log.level", "debug", "--log-level"}};
  EXPECT_EQ(Good(std::string(kKafka) + "sites: [http://a.example]").log_level, LogLevel::kDebug);
  sources_.flags = {{"log.format", "json", "--log-format"}};
  EXPECT_EQ(Good(std::string(kKafka) + "sites: [http://a.example]").log_format, LogFormat::kJson);
}

TEST_F(LoadTest, KafkaIsRequiredUnlessNothingIsSent) {
  EXPECT_FALSE(Load("sites: [http://a.example]"));
  EXPECT_TRUE(Load("sites: [http://a.example]", false));
}

TEST_F(LoadTest, ServeMayBeOff) {
  EXPECT_EQ(Good(std::string(kKafka) + "sites: [http://a.example]\nserve: {listen: ''}").serve.listen, "");
  EXPECT_EQ(Problem("sites: [http://a.example]\nserve: {listen: nowhere}"),
            "f:3:17: error: serve.listen: 'nowhere' is not ADDRESS:PORT");
}

// ---- sites

TEST_F(LoadTest, ASiteInheritsWhatItDoesNotSay) {
  const AgentConfig config =
      Good(std::string(kKafka) +
           "defaults: {interval: 60s, timeout: 5s, max_body: 1kB, max_redirects: 0}\n"
           "sites:\n  - http://a.example\n"
           "  - {url: 'http://b.example', interval: 10s, timeout: 2s, max_body: 5, max_redirects: 3}\n");
  EXPECT_EQ(config.sites[0]->interval, milliseconds(60'000));
  EXPECT_EQ(config.sites[0]->timeout, milliseconds(5'000));
  EXPECT_EQ(config.sites[0]->max_body_bytes, 1000u);
  EXPECT_EQ(config.sites[0]->max_redirects, 0);
  EXPECT_EQ(config.sites[1]->interval, milliseconds(10'000));
  EXPECT_EQ(config.sites[1]->timeout, milliseconds(2'000));
  EXPECT_EQ(config.sites[1]->max_body_bytes, 5u);
  EXPECT_EQ(config.sites[1]->max_redirects, 3);
}

TEST_F(LoadTest, AnEmptyRegexIsNone) {
  EXPECT_FALSE(Good(std::string(kKafka) + "sites: [{url: 'http://a.example', regex: ''}]")
                   .sites[0]
                   ->regex.has_value());
}

TEST_F(LoadTest, SitesMustBeThere) {
  EXPECT_EQ(Problem(""), "f: error: sites is missing: say what to probe (or set WEBSITES)");
  EXPECT_EQ(Problem("sites:\n"), "f: error: sites is missing: say what to probe (or set WEBSITES)");
  EXPECT_EQ(Problem("sites: []\n"), "f:2:8: error: sites is empty: say what to probe");
  EXPECT_EQ(Problem("sites: http://a.example\n"), "f:2:8: error: sites: a list must stand here, not a value");
  EXPECT_EQ(Problem("sites: [[]]\n"), "f:2:9: error: sites: a URL or a mapping must stand here, not a list");
}

TEST_F(LoadTest, WhatAnUnreadableFileMaySayIsNotMissing) {
  EXPECT_TRUE(Problem("sites:\n\t- http://a.example\n").starts_with("f:3:1: error: "));
  EXPECT_EQ(diagnostics_.ErrorCount(), 1u);
  sources_.env_file = "nowhere.env";
  EXPECT_EQ(Problem(""), "nowhere.env: error: cannot open nowhere.env: No such file or directory");
  sources_.config_path = "nowhere.yaml";
  sources_.env_file = "";
  EXPECT_EQ(Load().error().message, "nowhere.yaml: error: cannot open nowhere.yaml: No such file or directory");
}

TEST_F(LoadTest, ASitesErrorsHaveTheirPlace) {
  EXPECT_EQ(Problem("sites:\n  - {name: a, url: 'http://a.example', intervall: 5s}\n"),
            "f:3:40: error: unknown key 'intervall' (did you mean 'interval'?)");
  EXPECT_EQ(Problem("sites:\n  - {name: a, url: 'gopher://a.example'}\n"),
            "f:3:20: error: url: must begin with http:// or https://");
  EXPECT_EQ(Problem("sites: [gopher://a.example]\n"),
            "f:2:9: error: url: must begin with http:// or https://");
  EXPECT_EQ(Problem("sites: [{name: a}]\n"), "f:2:9: error: url is missing");
  EXPECT_EQ(Problem("sites: [{url: 'http://a.example', regex: '(ok'}]\n"),
            "f:2:42: error: regex: at offset 3: missing closing parenthesis");
  EXPECT_EQ(Problem("sites: [{url: 'http://a.example', interval: [1, 2]}]\n"),
            "f:2:45: error: interval: a value must stand here, not a list");
  EXPECT_EQ(Problem("sites: [{url: 'http://a.example', name: ''}]\n"),
            "f:2:41: error: name: must not be empty");
}

TEST_F(LoadTest, NamesAreUnique) {
  EXPECT_EQ(
      Problem("sites:\n  - {name: a, url: 'http://a.example'}\n  - {name: a, url: 'http://b.example'}\n"),
      "f:4:12: error: site name 'a' is taken by f:3:12; names must be unique");
  EXPECT_EQ(Problem("sites:\n  - http://a.example/1\n  - http://a.example/2\n"),
            "f:4:5: error: site name 'a.example' is taken by f:3:5; names must be unique");
}

TEST_F(LoadTest, SeveralSitesAreReportedAtOnce) {
  EXPECT_EQ(
      Problem("sites:\n  - gopher://a\n  - http://a.example\n  - {url: x, interval: soon}\n"),
      "f:3:5: error: url: must begin with http:// or https://\n"
      "f:5:24: error: interval: 'soon' is not a duration (30s, 500ms, 5m, 1h30m, 2d or a number of seconds)\n"
      "f:5:11: error: url: must begin with http:// or https://");
}

TEST_F(LoadTest, ThereIsALimitToSites) {
  std::string sites = "sites:\n";
  for (int i = 0; i < 10'001; ++i) sites += "- http://" + std::to_string(i) + ".example\n";
  EXPECT_EQ(Problem(sites), "f:3:1: error: sites has 10001 entries; at most 10000");
}

// ---- timeout and interval

TEST_F(LoadTest, ATimeoutLongerThanItsIntervalIsRefused) {
  EXPECT_EQ(Problem("sites: [{url: 'http://a.example', interval: 5s, timeout: 6s}]\n"),
            "f:2:58: error: timeout 6s is longer than interval 5s");
  EXPECT_EQ(Problem("sites: [{url: 'http://a.example', timeout: 1m}]\n"),
            "f:2:44: error: timeout 1m is longer than interval 30s");
  EXPECT_EQ(Problem("defaults: {timeout: 20s}\nsites: [{url: 'http://a.example', interval: 5s}]\n"),
            "f:3:45: error: timeout 20s is longer than interval 5s");
}

TEST_F(LoadTest, DefaultsThatContradictAreReportedOnce) {
  EXPECT_EQ(Problem("defaults: {timeout: 20s, interval: 10s}\nsites: [http://a.example, http://b.example]\n"),
            "f:2:21: error: defaults.timeout 20s is longer than defaults.interval 10s");
}

TEST_F(LoadTest, AnIntervalThatIsWrongIsNotJudgedTwice) {
  EXPECT_EQ(Problem("sites: [{url: 'http://a.example', interval: 1ms, timeout: 1m}]\n"),
            "f:2:45: error: interval: '1ms' is out of range: at least 100ms, at most 1d");
}

TEST_F(LoadTest, ATimeoutThatNobodySetGivesWayToTheInterval) {
  SetVariable("CHECK_INTERVAL", "5");
  const AgentConfig config =
      Good(std::string(kKafka) + "sites: [http://a.example, {url: 'http://b.example', interval: 2s}]");
  EXPECT_EQ(config.sites[0]->timeout, milliseconds(5000));
  EXPECT_EQ(config.sites[1]->timeout, milliseconds(2000));
}

// ---- WEBSITES

TEST_F(LoadTest, WebsitesErrorsNameIndexAndKey) {
  EXPECT_EQ(WebsitesProblem(R"([{"name":"a","url":"http://a.example"},{"name":"b","url":"ftp://b"}])"),
            "WEBSITES[1].url: error: url: must begin with http:// or https://");
  EXPECT_EQ(WebsitesProblem(R"([{"name":"a"}])"), "WEBSITES[0]: error: url is missing");
  EXPECT_EQ(WebsitesProblem(R"([{"url":"http://a","regexp":"x"}])"),
            "WEBSITES[0].regexp: error: unknown key 'regexp' (did you mean 'regex'?)");
  EXPECT_EQ(WebsitesProblem(R"([{"url":"http://a","regex":true}])"),
            "WEBSITES[0].regex: error: a text or a number must stand here");
  EXPECT_EQ(WebsitesProblem(R"([{"url":"http://a","url":"http://b"}])"),
            "WEBSITES[0].url: error: is here a second time");
  EXPECT_EQ(WebsitesProblem(R"(["http://a"])"),
            "WEBSITES[0]: error: must be an object as in {\"name\":\"...\",\"url\":\"https://...\"}");
  EXPECT_EQ(WebsitesProblem(R"([{"name":"a","url":"http://a"},{"name":"a","url":"http://b"}])"),
            "WEBSITES[1].name: error: site name 'a' is taken by WEBSITES[0].name; names must be unique");
}

TEST_F(LoadTest, WebsitesMustBeAJsonList) {
  EXPECT_EQ(WebsitesProblem("[{"),
            "environment variable WEBSITES: error: WEBSITES is not JSON: offset 2: a member "
            "name in double quotes must stand here");
  EXPECT_NE(WebsitesProblem("{}").find("must be a JSON list"), std::string::npos);
  EXPECT_EQ(WebsitesProblem("[]"), "environment variable WEBSITES: error: sites is empty: say what to probe");
}

// ---- print-config

TEST_F(LoadTest, PrintsWhatIsInForce) {
  SetVariable("KAFKA_TOPIC", "t");
  const auto loaded = Load(std::string(kKafka) +
                           "sites: [{name: a, url: 'http://a.example', regex: 'x y', timeout: 1500ms}]\n"
                           "buffer: {max_bytes: 1MiB}\n");
  ASSERT_TRUE(loaded) << loaded.error().message;
  const std::string text = PrintAgentConfig(*loaded);
  for (const char* part :
       {"  topic: t  # environment variable KAFKA_TOPIC\n", "  password: \"********\"  # f:1:50\n",
        "sites:  # f:2:8\n  - name: a\n    url: \"http://a.example\"\n    regex: \"x y\"\n    interval: 30s\n"
        "    timeout: 1500ms\n    max_body: 1MiB\n    max_redirects: 5\n",
        "  max_bytes: 1MiB  # f:3:21\n", "  spill_after: 5s\n", "  level: info\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "in\n" << text;
  }
}

TEST_F(LoadTest, WhatItPrintsIsReadAsTheSame) {
  const auto loaded =
      Load(std::string(kKafka) + "agent: 'é: #1'\nsites: [{url: 'http://a.example', regex: '\\d+|\"'}]\n");
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto again = Load(PrintAgentConfig(*loaded));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->config.agent, "é: #1");
  EXPECT_EQ(again->config.sites[0]->regex, "\\d+|\"");
  EXPECT_EQ(again->config.sites[0]->name, "a.example");
  EXPECT_EQ(again->config.kafka.brokers, loaded->config.kafka.brokers);
  EXPECT_EQ(again->config.buffer.max_bytes, loaded->config.buffer.max_bytes);
}

TEST_F(LoadTest, TheControlSocketStandsBesideTheBuffer) {
  EXPECT_EQ(Good("sites: ['http://a/']", false).control.socket, "/var/lib/picket/buffer.db.sock");
  EXPECT_EQ(Good("sites: ['http://a/']\nbuffer: {path: /b/x}", false).control.socket, "/b/x.sock");
  EXPECT_EQ(Good("sites: ['http://a/']\ncontrol: {socket: /run/p}", false).control.socket, "/run/p");
  EXPECT_EQ(Good("sites: ['http://a/']\ncontrol: {socket: off}", false).control.socket, "");
}

TEST_F(LoadTest, AControlSocketsPathMustFitASocketAddress) {
  const std::string name(kMaxSocketPathBytes, 'x');
  EXPECT_EQ(Good("sites: ['http://a/']\ncontrol: {socket: " + name + "}", false).control.socket, name);
  EXPECT_EQ(Problem("sites: ['http://a/']\ncontrol: {socket: " + name + "x}"),
            "f:3:19: error: control.socket: '" + name + "x' is longer than the 107 bytes a socket's path may have");
  EXPECT_EQ(Good("sites: ['http://a/']\nbuffer: {path: " + name + "}", false).control.socket, "");
  EXPECT_EQ(Lines(diagnostics_), std::vector<std::string>{"f:2:16: warning: control.socket: the default '" + name +
                                                          ".sock' is longer than the 107 bytes a socket's path may "
                                                          "have; none is made"});
}

}  // namespace
}  // namespace picket
