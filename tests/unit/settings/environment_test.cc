#include "settings/environment.h"

#include <gtest/gtest.h>

#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

class EnvFileTest : public testing::Test {
 protected:
  std::string Value(const std::string& text, const std::string& name = "A") {
    Environment environment;
    diagnostics_ = {};
    AddEnvFile(text, ".env", &environment, &diagnostics_);
    EXPECT_FALSE(diagnostics_.HasErrors()) << text << testing::PrintToString(Lines(diagnostics_));
    const auto found = environment.find(name);
    return found == environment.end() ? "(none)" : found->second.value;
  }
  std::string Problem(const std::string& text) {
    Environment environment;
    diagnostics_ = {};
    AddEnvFile(text, ".env", &environment, &diagnostics_);
    return Lines(diagnostics_).empty() ? "accepted" : Lines(diagnostics_).front();
  }
  Diagnostics diagnostics_;
};

TEST_F(EnvFileTest, ReadsPlainLines) {
  EXPECT_EQ(Value("A=b"), "b");
  EXPECT_EQ(Value("A=b\n"), "b");
  EXPECT_EQ(Value("A=b\r\nC=d\r\n", "A"), "b");
  EXPECT_EQ(Value("  A=b"), "b");
  EXPECT_EQ(Value("export A=b"), "b");
  EXPECT_EQ(Value("export\tA=b"), "b");
  EXPECT_EQ(Value("export=b", "export"), "b");
  EXPECT_EQ(Value("A="), "");
  EXPECT_EQ(Value("A=b=c d"), "b=c d");
  EXPECT_EQ(Value("A= b \t"), "b");
  EXPECT_EQ(Value("\xEF\xBB\xBF"
                  "A=b"),
            "b");
}

TEST_F(EnvFileTest, SkipsCommentsAndBlankLines) {
  EXPECT_EQ(Value("# A=1\n\n   \n\t# x\nA=2\n"), "2");
  EXPECT_EQ(Value("A=b # c"), "b");
  EXPECT_EQ(Value("A=b#c"), "b#c") << "part of the value";
  EXPECT_EQ(Value("A=#c"), "");
  EXPECT_EQ(Value("A=\"b\" # c"), "b");
}

TEST_F(EnvFileTest, ReadsQuotedValues) {
  EXPECT_EQ(Value("A='b # \"c\" \\n'"), "b # \"c\" \\n");
  EXPECT_EQ(Value(R"(A="b # 'c' \n\t\"\\\$\x")"), "b # 'c' \n\t\"\\$\\x");
  EXPECT_EQ(Value("A=' b '"), " b ");
  EXPECT_EQ(Value("A=''"), "");
}

TEST_F(EnvFileTest, QuotedValuesMaySpanLines) {
  EXPECT_EQ(Value("A='[\n  1\n]'\nB=2\n"), "[\n  1\n]");
  EXPECT_EQ(Value("A='[\n  1\n]'\nB=2\n", "B"), "2");
}

TEST_F(EnvFileTest, KeepsJsonAsItStands) {
  EXPECT_EQ(Value(R"(A=[{"name":"x","url":"http://x.example"}])"),
            R"([{"name":"x","url":"http://x.example"}])");
}

TEST_F(EnvFileTest, TheLastLineOfANameCounts) {
  EXPECT_EQ(Value("A=1\nA=2\n"), "2");
}

TEST_F(EnvFileTest, KnowsThePlaceOfAValue) {
  Environment environment;
  AddEnvFile("# x\nexport A=b\nB='1\n2'\nC=3", ".env", &environment, &diagnostics_);
  EXPECT_EQ(environment["A"].place.ToString(), ".env:2:10");
  EXPECT_EQ(environment["B"].place.ToString(), ".env:3:3");
  EXPECT_EQ(environment["C"].place.ToString(), ".env:5:3") << "behind a value of two lines";
}

TEST_F(EnvFileTest, RefusesWhatIsNoAssignment) {
  EXPECT_EQ(Problem("A=1\nB 2\n").substr(0, 14), ".env:2:2: erro");
  for (const char* text : {"A", "A = b", "=b", "1A=b", "A-B=c", "export", "export A", "{}", "A='b", "A=\"b",
                           "A=\"b\\\"", "A='b'c", "A=\"b\"c"}) {
    EXPECT_NE(Problem(text), "accepted") << text;
  }
  EXPECT_NE(Problem(std::string("A=b\0c", 5)), "accepted");
}

TEST_F(EnvFileTest, ABadLineDoesNotHideTheNext) {
  Environment environment;
  AddEnvFile("A 1\nB=2\nC 3\n", ".env", &environment, &diagnostics_);
  EXPECT_EQ(diagnostics_.ErrorCount(), 2u);
  EXPECT_EQ(environment["B"].value, "2");
}

TEST_F(EnvFileTest, AnErrorDoesNotRepeatAValue) {
  EXPECT_EQ(Problem("KAFKA_PASSWORD='hush").find("hush"), std::string::npos);
  EXPECT_EQ(Problem("KAFKA_PASSWORD='hu'sh").find("sh'"), std::string::npos);
}

TEST(Environment, TheRealOneGoesBeforeTheFile) {
  const char* const real[] = {"A=real", "EMPTY=", "odd", "=C:=x", nullptr};
  Environment environment = ReadProcessEnvironment(real);
  Diagnostics diagnostics;
  AddEnvFile("A=file\nEMPTY=file\nB=file\n", ".env", &environment, &diagnostics);
  EXPECT_EQ(environment["A"].value, "real");
  EXPECT_EQ(environment["A"].place.ToString(), "environment variable A");
  EXPECT_EQ(environment["EMPTY"].value, "file") << "empty counts as not set";
  EXPECT_EQ(environment["B"].value, "file");
}

TEST(Environment, MayBeMissing) {
  EXPECT_TRUE(ReadProcessEnvironment(nullptr).empty());
}

}  // namespace
}  // namespace picket
