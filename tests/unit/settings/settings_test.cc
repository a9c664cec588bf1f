#include "settings/settings.h"

#include <gtest/gtest.h>

#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kColours[] = {"red", "green"};

const std::vector<Key>& TestKeys() {
  static const std::vector<Key> keys = {
      {.name = "name",
       .type = ValueType::kText,
       .fallback = "x",
       .min = 1,
       .max = 10,
       .environment = "PICKET_NAME"},
      {.name = "box.wait",
       .type = ValueType::kDuration,
       .fallback = "5s",
       .min = 100,
       .max = 60'000,
       .environment = "WAIT"},
      {.name = "box.size", .type = ValueType::kSize, .fallback = "1MiB", .max = 1 << 30},
      {.name = "box.count", .type = ValueType::kInteger, .fallback = "3", .min = 1, .max = 10},
      {.name = "box.keep", .type = ValueType::kDuration, .fallback = "30d", .unlimited = "forever"},
      {.name = "box.colour", .type = ValueType::kChoice, .fallback = "red", .choices = kColours},
      {.name = "box.on", .type = ValueType::kBool, .fallback = "false"},
      {.name = "box.list", .type = ValueType::kTextList, .max = 3, .environment = "LIST"},
      {.name = "box.map", .type = ValueType::kTextMap, .max = 2},
      {.name = "box.file", .type = ValueType::kFile},
      {.name = "box.password",
       .type = ValueType::kText,
       .max = 20,
       .environment = "KAFKA_PASSWORD",
       .secret = true},
      {.name = "tree", .type = ValueType::kCustom, .environment = "TREE"},
  };
  return keys;
}

class SettingsTest : public testing::Test {
 protected:
  Settings Load(const std::string& yaml) {
    files_.content["f"] = yaml;
    sources_.config_path = "f";
    return Load();
  }
  Settings Load() {
    diagnostics_ = {};
    sources_.files = &files_;
    return LoadSettings(TestKeys(), sources_, &diagnostics_);
  }
  Settings LoadGood(const std::string& yaml) {
    Settings settings = Load(yaml);
    EXPECT_EQ(Lines(diagnostics_), std::vector<std::string>{}) << yaml;
    return settings;
  }
  std::string Problem(const std::string& yaml) {
    Load(yaml);
    return Lines(diagnostics_).empty() ? "accepted" : Lines(diagnostics_).front();
  }
  void SetVariable(const std::string& name, const std::string& value) {
    sources_.environment[name] = {value, {"environment variable " + name}};
  }

  FakeFiles files_;
  SettingsSources sources_;
  Diagnostics diagnostics_;
};

TEST_F(SettingsTest, DefaultsComeFromTheTable) {
  const Settings settings = Load();
  EXPECT_EQ(settings.Text("name"), "x");
  EXPECT_EQ(settings.Duration("box.wait"), milliseconds(5000));
  EXPECT_EQ(settings.Integer("box.size"), 1 << 20);
  EXPECT_EQ(settings.Integer("box.count"), 3);
  EXPECT_EQ(settings.Text("box.colour"), "red");
  EXPECT_FALSE(settings.Bool("box.on"));
  EXPECT_TRUE(settings.List("box.list").empty());
  EXPECT_TRUE(settings.Map("box.map").empty());
  EXPECT_EQ(settings.Node("tree"), nullptr);
  EXPECT_FALSE(settings.IsSet("name"));
  EXPECT_EQ(settings.PlaceOf("name").ToString(), "configuration");
}

TEST_F(SettingsTest, ReadsEveryType) {
  files_.content["/ca.pem"] = "";
  const Settings settings = LoadGood(
      "name: héllo\nbox:\n  wait: 0.5\n  size: 64kB\n  count: 10\n  keep: forever\n  colour: GREEN\n  on: "
      "yes\n"
      "  list: [a, 'b']\n  map: {x: 1, y: 'z'}\n  file: /ca.pem\n  password: pw\ntree: [1]\n");
  EXPECT_EQ(settings.Text("name"), "héllo");
  EXPECT_EQ(settings.Duration("box.wait"), milliseconds(500));
  EXPECT_EQ(settings.Integer("box.size"), 64'000);
  EXPECT_EQ(settings.Integer("box.count"), 10);
  EXPECT_EQ(settings.Duration("box.keep"), milliseconds::max());
  EXPECT_EQ(settings.Text("box.colour"), "green") << "spelled as in the table";
  EXPECT_TRUE(settings.Bool("box.on"));
  EXPECT_EQ(settings.List("box.list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(settings.Map("box.map"), (std::map<std::string, std::string>{{"x", "1"}, {"y", "z"}}));
  EXPECT_EQ(settings.Text("box.file"), "/ca.pem");
  EXPECT_EQ(settings.Text("box.password"), "pw");
  ASSERT_NE(settings.Node("tree"), nullptr);
  EXPECT_EQ(settings.Node("tree")->items.size(), 1u);
  EXPECT_EQ(settings.PlaceOf("box.wait").ToString(), "f:3:9");
  EXPECT_EQ(settings.PlaceOfEntry("box.list", "b").ToString(), "f:9:13");
  EXPECT_EQ(settings.PlaceOfEntry("box.map", "y").ToString(), "f:10:15");
}

TEST_F(SettingsTest, AListMayBeOneTextWithCommas) {
  EXPECT_EQ(LoadGood("box: {list: 'a, b'}").List("box.list"), (std::vector<std::string>{"a", "b"}));
}

TEST_F(SettingsTest, NothingBehindAKeyIsItsDefault) {
  const Settings settings = LoadGood("name:\nbox:\n");
  EXPECT_EQ(settings.Text("name"), "x");
  EXPECT_FALSE(settings.IsSet("name"));
}

// ---- precedence

TEST_F(SettingsTest, TheEnvironmentGoesBeforeTheFileAndFlagsBeforeAll) {
  SetVariable("WAIT", "2");
  EXPECT_EQ(LoadGood("box: {wait: 1s}").Duration("box.wait"), milliseconds(2000));
  sources_.flags = {{"box.wait", "3s", "--wait"}};
  const Settings settings = LoadGood("box: {wait: 1s}");
  EXPECT_EQ(settings.Duration("box.wait"), milliseconds(3000));
  EXPECT_EQ(settings.OriginOf("box.wait").source, Origin::Source::kFlag);
  EXPECT_EQ(settings.PlaceOf("box.wait").ToString(), "flag --wait");
}

TEST_F(SettingsTest, TheEnvFileStandsBetweenFileAndEnvironment) {
  files_.content[".env"] = "WAIT=2\nPICKET_NAME=file\n";
  sources_.env_file = ".env";
  SetVariable("PICKET_NAME", "real");
  const Settings settings = LoadGood("{name: yaml, box: {wait: 1s}}");
  EXPECT_EQ(settings.Duration("box.wait"), milliseconds(2000));
  EXPECT_EQ(settings.PlaceOf("box.wait").ToString(), ".env:1:6");
  EXPECT_EQ(settings.Text("name"), "real");
}

TEST_F(SettingsTest, AnEmptyVariableIsNotSet) {
  SetVariable("WAIT", "");
  EXPECT_EQ(LoadGood("box: {wait: 1s}").Duration("box.wait"), milliseconds(1000));
}

TEST_F(SettingsTest, AVariableOfACustomKeyIsTheProgramsToRead) {
  SetVariable("TREE", "[]");
  const Settings settings = LoadGood("tree: [1]");
  EXPECT_EQ(settings.OriginOf("tree").source, Origin::Source::kEnvironment);
  EXPECT_EQ(settings.Variables().find("TREE")->second.value, "[]");
}

// ---- errors

TEST_F(SettingsTest, AnUnknownKeyIsSuggested) {
  EXPECT_EQ(Problem("box:\n  wiat: 5s\n"), "f:2:3: error: unknown key 'box.wiat' (did you mean 'wait'?)");
  EXPECT_EQ(Problem("boxx: {}\n"), "f:1:1: error: unknown key 'boxx' (did you mean 'box'?)");
  EXPECT_EQ(Problem("box: {pasword_file: x}\n"),
            "f:1:7: error: unknown key 'box.pasword_file' (did you mean 'password_file'?)");
  EXPECT_EQ(Problem("elephant: 1\n"), "f:1:1: error: unknown key 'elephant'");
}

TEST_F(SettingsTest, AKeyOnTheWrongLevelIsSuggestedToo) {
  EXPECT_EQ(Problem("colour: red\n"), "f:1:1: error: unknown key 'colour' (did you mean 'box.colour'?)");
}

TEST_F(SettingsTest, AWrongTypeIsNamed) {
  EXPECT_EQ(Problem("name: [a]\n"), "f:1:7: error: name: a value must stand here, not a list");
  EXPECT_EQ(Problem("box: 5\n"), "f:1:6: error: box: a mapping must stand here, not a value");
  EXPECT_EQ(Problem("box: {list: {a: b}}\n"),
            "f:1:13: error: box.list: a list must stand here, not a mapping");
  EXPECT_EQ(Problem("box: {list: [[a]]}\n"), "f:1:14: error: box.list: an entry must be a text");
  EXPECT_EQ(Problem("box: {map: [a]}\n"), "f:1:12: error: box.map: a mapping must stand here, not a list");
  EXPECT_EQ(Problem("box: {map: {a: [1]}}\n"),
            "f:1:16: error: box.map: a must be a text or a number, not a list");
  EXPECT_EQ(Problem("- a\n"), "f:1:1: error: a mapping of keys must stand here, not a list");
}

TEST_F(SettingsTest, AWrongValueSaysWhatWouldBeRight) {
  EXPECT_EQ(
      Problem("box: {wait: soon}\n"),
      "f:1:13: error: box.wait: 'soon' is not a duration (30s, 500ms, 5m, 1h30m, 2d or a number of seconds)");
  EXPECT_EQ(Problem("box: {size: big}\n"),
            "f:1:13: error: box.size: 'big' is not a size (16MiB, 64kB or a number of bytes)");
  EXPECT_EQ(Problem("box: {count: 1.5}\n"), "f:1:14: error: box.count: '1.5' is not a whole number");
  EXPECT_EQ(Problem("box: {on: maybe}\n"), "f:1:11: error: box.on: 'maybe' is neither true nor false");
  EXPECT_EQ(Problem("box: {colour: gren}\n"),
            "f:1:15: error: box.colour: 'gren' is not one of red, green (did you mean 'green'?)");
  EXPECT_NE(Problem("box: {keep: always}\n").find("nor 'forever'"), std::string::npos);
}

TEST_F(SettingsTest, ALimitIsNamed) {
  EXPECT_EQ(Problem("box: {wait: 50ms}\n"),
            "f:1:13: error: box.wait: '50ms' is out of range: at least 100ms, at most 1m");
  EXPECT_EQ(Problem("box: {count: 0}\n"),
            "f:1:14: error: box.count: '0' is out of range: at least 1, at most 10");
  EXPECT_EQ(Problem("name: ''\n"), "f:1:7: error: name: must not be empty");
  EXPECT_EQ(Problem("name: 12345678901\n"), "f:1:7: error: name: '12345678901' must have 1 to 10 bytes");
  EXPECT_EQ(Problem("box: {list: [a,b,c,d]}\n"),
            "f:1:13: error: box.list: has 4 entries; at least 0, at most 3");
  EXPECT_EQ(Problem("box: {map: {a: 1, b: 2, c: 3}}\n"),
            "f:1:12: error: box.map: has 3 entries; at least 0, at most 2");
}

TEST_F(SettingsTest, ControlCharactersAreRefused) {
  EXPECT_EQ(Problem("name: \"a\\nb\"\n"),
            "f:1:7: error: name: the value contains a line break or another control character");
  EXPECT_NE(Problem("box: {list: [\"a\\0\"]}\n"), "accepted");
  EXPECT_NE(Problem("box: {map: {a: \"\\e\"}}\n"), "accepted");
  SetVariable("PICKET_NAME", "\xFF");
  EXPECT_EQ(Problem(""), "environment variable PICKET_NAME: error: name: the value is not UTF-8 text");
}

TEST_F(SettingsTest, SeveralErrorsAreReportedAtOnce) {
  Load("nmae: 1\nbox:\n  wait: soon\n  count: 99\n  file: /nowhere\n");
  EXPECT_EQ(diagnostics_.ErrorCount(), 4u);
}

TEST_F(SettingsTest, AWrongValueLeavesTheDefault) {
  EXPECT_EQ(Load("box: {wait: soon}").Duration("box.wait"), milliseconds(5000));
}

TEST_F(SettingsTest, WhatWasRefusedIsNotMissing) {
  const Settings settings = Load("box: {wait: soon, password_file: /nowhere, list: [[]]}");
  for (const char* key : {"box.wait", "box.password", "box.list"})
    EXPECT_TRUE(settings.WasRefused(key)) << key;
  EXPECT_FALSE(settings.WasRefused("box.map"));
  SetVariable("WAIT", "2s");
  EXPECT_FALSE(Load("box: {wait: soon}").WasRefused("box.wait")) << "a later source set it right";
}

TEST_F(SettingsTest, AnErrorInAVariableNamesIt) {
  SetVariable("WAIT", "soon");
  EXPECT_EQ(Problem("").substr(0, 41), "environment variable WAIT: error: box.wai");
}

// ---- files

TEST_F(SettingsTest, AMissingConfigFileIsAnErrorWhenItWasAskedFor) {
  sources_.config_path = "nowhere.yaml";
  Load();
  EXPECT_EQ(
      Lines(diagnostics_),
      std::vector<std::string>{"nowhere.yaml: error: cannot open nowhere.yaml: No such file or directory"});
  sources_.config_must_exist = false;
  const Settings settings = Load();
  EXPECT_FALSE(diagnostics_.HasErrors());
  EXPECT_EQ(settings.PlaceOf("name").ToString(), "configuration") << "not a file that is not there";
}

TEST_F(SettingsTest, AnUnreadableConfigFileIsAlwaysAnError) {
  files_.closed.insert("f");
  sources_.config_must_exist = false;
  EXPECT_NE(Problem("name: a"), "accepted");
}

TEST_F(SettingsTest, AMissingEnvFileIsAnError) {
  sources_.env_file = ".env";
  EXPECT_EQ(Problem(""), ".env: error: cannot open .env: No such file or directory");
}

TEST_F(SettingsTest, AFileMustBeReadable) {
  files_.content["/key"] = "";
  files_.closed.insert("/key");
  EXPECT_EQ(Problem("box: {file: /key}"), "f:1:13: error: box.file: cannot open /key: Permission denied");
  EXPECT_EQ(Problem("box: {file: ''}"), "accepted") << "empty: none";
}

// ---- secrets

TEST_F(SettingsTest, ASecretComesFromAFile) {
  for (const char* content : {"s3cret", "s3cret\n", "s3cret\r\n"}) {
    files_.content["/pw"] = content;
    const Settings settings = LoadGood("box: {password_file: /pw}");
    EXPECT_EQ(settings.Text("box.password"), "s3cret");
    EXPECT_EQ(settings.OriginOf("box.password").file, "/pw");
  }
}

TEST_F(SettingsTest, ASecretsSpacesAreItsOwn) {
  files_.content["/pw"] = " a b \n";
  EXPECT_EQ(LoadGood("box: {password_file: /pw}").Text("box.password"), " a b ");
}

TEST_F(SettingsTest, ASecretFileMayBeNamedByAVariable) {
  files_.content["/pw"] = "from file\n";
  SetVariable("KAFKA_PASSWORD_FILE", "/pw");
  EXPECT_EQ(LoadGood("box: {password: from yaml}").Text("box.password"), "from file");
}

TEST_F(SettingsTest, ASecretIsGivenOnce) {
  files_.content["/pw"] = "x";
  EXPECT_EQ(Problem("box:\n  password: a\n  password_file: /pw\n"),
            "f:3:3: error: box.password_file: its value is given already at f:2:13; keep one of the two");
  SetVariable("KAFKA_PASSWORD_FILE", "/pw");
  SetVariable("KAFKA_PASSWORD", "a");
  EXPECT_EQ(
      Problem(""),
      "environment variable KAFKA_PASSWORD_FILE: error: KAFKA_PASSWORD is set as well; keep one of the two");
}

TEST_F(SettingsTest, ABadSecretFileIsNamedAndItsContentIsNot) {
  EXPECT_EQ(Problem("box: {password_file: /pw}"),
            "f:1:22: error: box.password: cannot open /pw: No such file or directory");
  files_.content["/pw"] = "\n";
  EXPECT_EQ(Problem("box: {password_file: /pw}"), "f:1:22: error: box.password: /pw is empty");
  files_.content["/pw"] = "hush hush hush hush hush";
  EXPECT_EQ(Problem("box: {password_file: /pw}"),
            "f:1:22: error: box.password: the value must have 0 to 20 bytes");
  files_.content["/pw"] = "hush\nhush\n";
  EXPECT_EQ(Problem("box: {password_file: /pw}").find("hush"), std::string::npos);
  files_.content["/pw"] = std::string(1 << 20, 'x');
  EXPECT_NE(Problem("box: {password_file: /pw}").find("too large"), std::string::npos);
}

TEST_F(SettingsTest, ASecretThatEveryoneCanReadIsAWarning) {
  files_.content["/pw"] = "x";
  files_.open_to_all = {"/pw", "f"};
  EXPECT_EQ(Problem("box: {password_file: /pw}"),
            "f:1:22: warning: box.password: every user of this machine can read /pw (cure: chmod 600)");
  EXPECT_EQ(diagnostics_.Items().size(), 1u);
  EXPECT_EQ(Problem("box: {password: x}"),
            "f:1:17: warning: box.password: every user of this machine can read this file (cure: chmod 600)");
  EXPECT_FALSE(diagnostics_.HasErrors());
  EXPECT_EQ(Problem("name: a"), "accepted") << "no secret in it";
}

TEST_F(SettingsTest, AVariableThatIsNearlyOursIsAWarning) {
  SetVariable("PICKET_NAM", "x");
  SetVariable("KAFKA_PASWORD_FILE", "x");
  SetVariable("PICKET_SERVICE_HOST", "x");
  SetVariable("KAFKA_HOME", "x");
  SetVariable("WAITT", "x");
  Load("");
  EXPECT_EQ(Lines(diagnostics_),
            (std::vector<std::string>{
                "environment variable KAFKA_PASWORD_FILE: warning: KAFKA_PASWORD_FILE is not known "
                "and has no effect (did you mean KAFKA_PASSWORD_FILE?)",
                "environment variable PICKET_NAM: warning: PICKET_NAM is not known and has no "
                "effect (did you mean PICKET_NAME?)"}));
}

TEST_F(SettingsTest, AFlagOfNoKeyIsAnError) {
  sources_.flags = {{"box.nothing", "1", "--nothing"}};
  EXPECT_EQ(Problem(""), "flag --nothing: error: there is no key 'box.nothing'");
}

TEST_F(SettingsTest, CopiesKeepTheirSubtree) {
  std::optional<Settings> copy;
  {
    const Settings settings = LoadGood("tree: [1, 2]");
    copy = settings;
  }
  EXPECT_EQ(copy->Node("tree")->items.size(), 2u);
}

TEST_F(SettingsTest, ASubtreeIsReadByATableOfItsOwn) {
  static const std::vector<Key> keys = {{.name = "a", .type = ValueType::kInteger, .max = 5}};
  const Settings settings = LoadGood("tree: {a: 3}");
  EXPECT_EQ(ReadMapping(keys, *settings.Node("tree"), files_, &diagnostics_).Integer("a"), 3);
  const Settings wrong = LoadGood("tree: {b: 3}");
  const Settings inner = ReadMapping(keys, *wrong.Node("tree"), files_, &diagnostics_);
  EXPECT_EQ(Lines(diagnostics_), std::vector<std::string>{"f:1:8: error: unknown key 'b'"});
  EXPECT_EQ(inner.PlaceOf("a").ToString(), "f:1:7") << "where the key is missing";
}

using SettingsDeathTest = SettingsTest;

TEST_F(SettingsDeathTest, AskingForWhatIsNotInTheTableIsABug) {
  const Settings settings = Load();
  EXPECT_DEATH(settings.Text("nothing"), "'nothing' is not in the table");
  EXPECT_DEATH(settings.Bool("name"), "'name' is of another type");
}

}  // namespace
}  // namespace picket
