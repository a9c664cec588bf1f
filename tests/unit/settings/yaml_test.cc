#include "settings/yaml.h"

#include <gtest/gtest.h>

#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

class YamlTest : public testing::Test {
 protected:
  YamlNode Read(const std::string& text) {
    std::optional<YamlNode> root = ParseYaml(text, "f", &diagnostics_);
    EXPECT_TRUE(root.has_value() && !diagnostics_.HasErrors())
        << text << testing::PrintToString(Lines(diagnostics_));
    return root.value_or(YamlNode{});
  }
  // The first line of what is wrong.
  std::string Problem(const std::string& text) {
    Diagnostics diagnostics;
    if (ParseYaml(text, "f", &diagnostics)) return "accepted";
    return Lines(diagnostics).empty() ? "refused without a word" : Lines(diagnostics).front();
  }
  Diagnostics diagnostics_;
};

TEST_F(YamlTest, KnowsThePlaceOfEveryValue) {
  const YamlNode root = Read("a: 1\nbee:\n  - x\n  - {c: 'y'}\n");
  EXPECT_EQ(root.place.ToString(), "f:1:1");
  const YamlMember* bee = root.Find("bee");
  ASSERT_NE(bee, nullptr);
  EXPECT_EQ(bee->place.ToString(), "f:2:1");
  ASSERT_EQ(bee->value.items.size(), 2u);
  EXPECT_EQ(bee->value.items[0].place.ToString(), "f:3:5");
  const YamlMember* c = bee->value.items[1].Find("c");
  EXPECT_EQ(c->place.ToString(), "f:4:6");
  EXPECT_EQ(c->value.place.ToString(), "f:4:9");
  EXPECT_EQ(c->value.text, "y");
}

TEST_F(YamlTest, ReadsJson) {
  const YamlNode root = Read(R"({"a":["x",1,true],"b":{"c":"\u20ac\/\"\n"},"d":null})");
  EXPECT_EQ(root.Find("a")->value.items.size(), 3u);
  EXPECT_EQ(root.Find("b")->value.Find("c")->value.text, "\xE2\x82\xAC/\"\n");
  EXPECT_EQ(root.Find("d")->value.kind, YamlNode::Kind::kNull);
}

TEST_F(YamlTest, NothingIsNullUnlessItIsQuoted) {
  const YamlNode root = Read("a:\nb: ~\nc: null\nd: ''\ne: 'null'\n");
  for (const char* name : {"a", "b", "c"})
    EXPECT_EQ(root.Find(name)->value.kind, YamlNode::Kind::kNull) << name;
  for (const char* name : {"d", "e"}) EXPECT_EQ(root.Find(name)->value.kind, YamlNode::Kind::kScalar) << name;
}

TEST_F(YamlTest, AnEmptyFileIsNothing) {
  EXPECT_EQ(Read("").kind, YamlNode::Kind::kNull);
  EXPECT_EQ(Read("# only a comment\n").kind, YamlNode::Kind::kNull);
  EXPECT_EQ(Read("---\n...\n").kind, YamlNode::Kind::kNull);
}

TEST_F(YamlTest, AKeyTwiceNamesBothPlaces) {
  EXPECT_EQ(Problem("a: 1\nb: 2\na: 3\n"),
            "f:3:1: error: key 'a' is here a second time; the first is at f:1:1");
  EXPECT_EQ(Problem("{'a': 1, \"a\": 2}"),
            "f:1:10: error: key 'a' is here a second time; the first is at f:1:2");
}

TEST_F(YamlTest, RefusesWhatMakesFilesLargeOrPlacesUnclear) {
  EXPECT_NE(Problem("a: &x 1\nb: *x\n").find("f:1:4: error: anchors"), std::string::npos);
  EXPECT_NE(Problem("a: *x\n").find("f:1:4: error: aliases"), std::string::npos);
  EXPECT_NE(Problem("a: !!str 1\n").find("f:1:4: error: tags"), std::string::npos);
  EXPECT_NE(Problem("a: &x [1]\n").find("anchors"), std::string::npos);
  EXPECT_NE(Problem("a: &x {b: 1}\n").find("anchors"), std::string::npos);
  EXPECT_NE(Problem("a: !x {b: 1}\n").find("tags"), std::string::npos);
  EXPECT_NE(Problem("&x a: 1\n").find("anchors"), std::string::npos);
  EXPECT_NE(Problem("? [a]\n: 1\n").find("f:1:3: error: a key"), std::string::npos);
  EXPECT_NE(Problem("a: 1\n---\nb: 1\n").find("f:2:1: error: a second document"), std::string::npos);
}

TEST_F(YamlTest, ABombOfAliasesIsRefusedAtOnce) {
  EXPECT_NE(Problem("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"), "accepted");
}

TEST_F(YamlTest, SyntaxErrorsNameThePlace) {
  EXPECT_EQ(Problem("a: [1, 2\nb: 3\n").substr(0, 4), "f:2:");
  EXPECT_EQ(Problem("a: b: c\n").substr(0, 6), "f:1:5:");
  EXPECT_NE(Problem("a: 'x\n"), "accepted");
}

TEST_F(YamlTest, ATabIsCalledATab) {
  const std::string problem = Problem("a:\n\t- b\n");
  EXPECT_EQ(problem.substr(0, 6), "f:2:1:") << problem;
  EXPECT_NE(problem.find("not with tabs"), std::string::npos) << problem;
}

TEST_F(YamlTest, RefusesBytesThatAreNoText) {
  EXPECT_EQ(Problem("a: 1\nb: \xFF\n").substr(0, 10), "f:2:4: err");
  EXPECT_NE(Problem(std::string("a: \0", 4)), "accepted");
  EXPECT_NE(Problem("a: \x01\n"), "accepted");
  EXPECT_NE(Problem("\xFF\xFE\x61\x00"), "accepted") << "UTF-16";
}

TEST_F(YamlTest, IsBounded) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(Problem(nested(kMaxYamlDepth)), "accepted");
  EXPECT_NE(Problem(nested(kMaxYamlDepth + 1)).find("nested too deeply"), std::string::npos);
  EXPECT_NE(Problem(std::string(100'000, '[')).find("nested too deeply"), std::string::npos);

  std::string many = "[0";
  for (size_t i = 0; i < kMaxYamlNodes; ++i) many += ",0";
  EXPECT_NE(Problem(many + "]").find("too many values"), std::string::npos);

  EXPECT_NE(Problem(std::string(kMaxYamlBytes + 1, '#')).find("larger than"), std::string::npos);
}

}  // namespace
}  // namespace picket
