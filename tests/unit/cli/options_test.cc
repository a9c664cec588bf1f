#include "agent/cli/options.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

using Command = Options::Command;

Options Parsed(const std::vector<std::string>& arguments) {
  auto options = ParseOptions(arguments);
  EXPECT_TRUE(options) << options.error().message;
  return options.value_or(Options{});
}

std::string Refused(const std::vector<std::string>& arguments) {
  auto options = ParseOptions(arguments);
  EXPECT_FALSE(options);
  if (options) return "";
  EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument);
  return options.error().message.substr(0, options.error().message.find('\n'));
}

TEST(Options, NothingIsACallForHelp) { EXPECT_EQ(Parsed({}).command, Command::kHelp); }

TEST(Options, LogFormatIsForCommandsWithAConfiguration) {
  EXPECT_EQ(Parsed({"run", "--log-format", "json"}).log_format, "json");
  EXPECT_NE(Refused({"probe", "https://a.example", "--log-format=json"}), "");
}

TEST(Options, RunTakesItsFlagsOnEitherSide) {
  for (const auto& arguments : {std::vector<std::string>{"run", "--config", "a.yaml", "--stdout"},
                                std::vector<std::string>{"--stdout", "--config=a.yaml", "run"}}) {
    const Options options = Parsed(arguments);
    EXPECT_EQ(options.command, Command::kRun);
    EXPECT_EQ(options.config_path, "a.yaml");
    EXPECT_TRUE(options.to_stdout);
  }
}

TEST(Options, ProbeTakesAUrl) {
  const Options options = Parsed({"probe", "https://example.org", "--json", "--timeout", "500ms"});
  EXPECT_EQ(options.command, Command::kProbe);
  EXPECT_EQ(options.url, "https://example.org");
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options.timeout, "500ms");
}

TEST(Options, TheRunningAgentIsAskedWithOrWithoutItsConfiguration) {
  const Options status = Parsed({"status", "--json", "--config", "a.yaml"});
  EXPECT_EQ(status.command, Command::kStatus);
  EXPECT_TRUE(status.json);
  EXPECT_EQ(status.config_path, "a.yaml");
  EXPECT_EQ(Parsed({"buffer", "stats", "--socket", "/run/p"}).command, Command::kBufferStats);
  EXPECT_EQ(Parsed({"reload", "--socket", "/run/p"}).socket, "/run/p");
  EXPECT_EQ(Refused({"buffer"}), "buffer: say picket buffer stats");
  EXPECT_EQ(Refused({"buffer", "empty"}), "buffer: say picket buffer stats");
  EXPECT_EQ(Refused({"reload", "--json"}), "option '--json' does not go with 'reload'");
  EXPECT_EQ(Refused({"run", "--socket", "x"}), "option '--socket' does not go with 'run'");
}

TEST(Options, HelpAndVersionWinOverTheRest) {
  EXPECT_EQ(Parsed({"run", "--help"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"-h"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"--version"}).command, Command::kVersion);
  EXPECT_EQ(Parsed({"version"}).command, Command::kVersion);
}

TEST(Options, SaysWhatIsWrong) {
  EXPECT_EQ(Refused({"walk"}), "unknown command 'walk'");
  EXPECT_EQ(Refused({"run", "--confg", "x"}), "unknown option '--confg'");
  EXPECT_EQ(Refused({"run", "--config"}), "option '--config' needs a value");
  EXPECT_EQ(Refused({"run", "fast"}), "unexpected argument 'fast'");
  EXPECT_EQ(Refused({"probe"}), "probe: a URL is missing, e.g. picket probe https://example.org");
  EXPECT_EQ(Refused({"run", "--json"}), "option '--json' does not go with 'run'");
  EXPECT_EQ(Refused({"--stdout"}), "a command is missing");
}

}  // namespace
}  // namespace picket
