#include "record/json_reader.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

class JsonReaderTest : public testing::Test {
 protected:
  // The text must outlive the cursors: tests pass literals, or keep the string.
  JsonValue Read(std::string_view text) {
    const Status status = document_.Parse(text);
    EXPECT_TRUE(status) << text << ": " << status.error().message;
    return document_.Root();
  }

  std::string Problem(std::string_view text) {
    const Status status = document_.Parse(text);
    if (status) return "accepted";
    EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
    EXPECT_FALSE(document_.Root().IsPresent()) << "a refused text has no root";
    return status.error().message;
  }

  JsonDocument document_;
};

// ---- what RFC 8259 allows

TEST_F(JsonReaderTest, ReadsEveryTypeAtTheRoot) {
  EXPECT_TRUE(Read("null").IsNull());
  EXPECT_EQ(Read("true").GetBool(), true);
  EXPECT_EQ(Read(" false\n").GetBool(), false);
  EXPECT_EQ(Read("17").GetInteger(), 17);
  EXPECT_EQ(Read("\t-1.5e1 ").GetNumber(), -15.0);
  EXPECT_EQ(Read("\"x\"").GetString(), "x");
  EXPECT_TRUE(Read("[]").IsArray());
  EXPECT_TRUE(Read("{}").IsObject());
}

TEST_F(JsonReaderTest, AValueIsOfOneTypeOnly) {
  const struct {
    const char* text;
    const char* type;
  } kCases[] = {{"null", "null"}, {"true", "bool"},       {"1", "number"},  {"\"null\"", "string"},
                {"[]", "array"},  {"\"true\"", "string"}, {"{}", "object"}, {"\"1\"", "string"}};
  for (const auto& c : kCases) {
    const JsonValue v = Read(c.text);
    const std::string type = c.type;
    EXPECT_EQ(v.IsNull(), type == "null") << c.text;
    EXPECT_EQ(v.IsBool(), type == "bool") << c.text;
    EXPECT_EQ(v.IsNumber(), type == "number") << c.text;
    EXPECT_EQ(v.IsString(), type == "string") << c.text;
    EXPECT_EQ(v.IsArray(), type == "array") << c.text;
    EXPECT_EQ(v.IsObject(), type == "object") << c.text;
    EXPECT_EQ(v.GetBool().has_value(), type == "bool") << c.text;
    EXPECT_EQ(v.GetNumber().has_value(), type == "number") << c.text;
    EXPECT_EQ(v.GetString().has_value(), type == "string") << c.text;
  }
}

TEST_F(JsonReaderTest, AnAbsentValueIsNothing) {
  const JsonValue v = Read("{\"a\":1}").GetObjectItem("b");
  EXPECT_FALSE(v.IsPresent());
  EXPECT_FALSE(v.IsNull() || v.IsBool() || v.IsNumber() || v.IsString() || v.IsArray() || v.IsObject());
  EXPECT_FALSE(v.GetBool() || v.GetNumber() || v.GetInteger() || v.GetString());
  EXPECT_EQ(v.Raw(), "");
  EXPECT_EQ(v.Name(), "");
  EXPECT_EQ(v.Size(), 0u);
  EXPECT_FALSE(v.HasNul());
  EXPECT_FALSE(v.FirstChild().IsPresent());
  EXPECT_FALSE(v.NextSibling().IsPresent());
  EXPECT_FALSE(v.GetObjectItem("c").IsPresent());
}

TEST_F(JsonReaderTest, FindsMembersBehindNestedOnes) {
  const JsonValue root = Read(R"({"a":{"b":[1,{"x":2}],"c":{}},"b":[[],[3]],"d":"e","x":4})");
  EXPECT_EQ(root.Size(), 4u);
  EXPECT_EQ(root.GetObjectItem("x").GetInteger(), 4);
  EXPECT_EQ(root.GetObjectItem("d").GetString(), "e");
  EXPECT_FALSE(root.GetObjectItem("c").IsPresent()) << "belongs to the inner object";
  EXPECT_EQ(root.GetObjectItem("b").FirstChild().NextSibling().FirstChild().GetInteger(), 3);
}

TEST_F(JsonReaderTest, WalksMembersAndElementsInOrder) {
  std::string seen;
  const JsonValue root = Read(R"({ "one" : [ 1 , "1" , [] ] , "two" : { } , "three" : null })");
  for (JsonValue v = root.FirstChild(); v.IsPresent(); v = v.NextSibling()) seen += v.Name() + ";";
  EXPECT_EQ(seen, "one;two;three;");

  seen.clear();
  for (JsonValue v = root.FirstChild().FirstChild(); v.IsPresent(); v = v.NextSibling()) {
    seen.append(v.Raw()).append(";");
    EXPECT_EQ(v.Name(), "");
  }
  EXPECT_EQ(seen, "1;1;[];");
}

TEST_F(JsonReaderTest, NestedMembersEndWhereTheirObjectEnds) {
  const JsonValue inner = Read(R"({"a":{"b":1},"c":2})").FirstChild();
  EXPECT_EQ(inner.Size(), 1u);
  EXPECT_FALSE(inner.FirstChild().NextSibling().IsPresent());
  EXPECT_EQ(inner.NextSibling().Name(), "c");
}

TEST_F(JsonReaderTest, TheFirstOfTwoMembersOfOneNameCounts) {
  EXPECT_EQ(Read(R"({"a":1,"a":2})").GetObjectItem("a").GetInteger(), 1);
}

TEST_F(JsonReaderTest, NamesAreComparedWithEscapesResolved) {
  const JsonValue root = Read(R"({"\u0073eq":1,"":2,"a\"b":3})");
  EXPECT_EQ(root.GetObjectItem("seq").GetInteger(), 1);
  EXPECT_EQ(root.GetObjectItem("").GetInteger(), 2);
  EXPECT_EQ(root.GetObjectItem("a\"b").GetInteger(), 3);
  EXPECT_EQ(root.FirstChild().Name(), "seq");
}

TEST_F(JsonReaderTest, RawIsTheTextAsItStands) {
  const JsonValue root = Read(R"( {"a":[1, 2],"s":"\u0041"} )");
  EXPECT_EQ(root.GetObjectItem("a").Raw(), "[1, 2]");
  EXPECT_EQ(root.GetObjectItem("s").Raw(), R"(\u0041)");
  EXPECT_EQ(root.Raw(), R"({"a":[1, 2],"s":"\u0041"})");
  EXPECT_EQ(root.GetObjectItem("a").Offset(), 6u);
}

// ---- strings

TEST_F(JsonReaderTest, ResolvesEscapes) {
  EXPECT_EQ(Read(R"("\"\\\/\b\f\n\r\t")").GetString(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Read(R"("\u0041\u00e9\u20AC")").GetString(), "A\xC3\xA9\xE2\x82\xAC");
}

TEST_F(JsonReaderTest, ResolvesSurrogatePairs) {
  EXPECT_EQ(Read(R"("\ud83d\uDE00!")").GetString(), "\xF0\x9F\x98\x80!");
  EXPECT_EQ(Read(R"("\uD800\uDC00")").GetString(), "\xF0\x90\x80\x80");
  EXPECT_EQ(Read(R"("\uDBFF\uDFFF")").GetString(), "\xF4\x8F\xBF\xBF");
}

TEST_F(JsonReaderTest, SeesNulInStrings) {
  const JsonValue nul = Read(R"("a\u0000b")");
  EXPECT_TRUE(nul.HasNul());
  EXPECT_EQ(nul.GetString(), std::string("a\0b", 3));
  EXPECT_FALSE(Read(R"("a\\u0000b")").HasNul()) << "an escaped backslash before u0000";
  EXPECT_FALSE(Read(R"("\ud83d\ude00")").HasNul());
  EXPECT_FALSE(Read("[0]").HasNul());
}

TEST_F(JsonReaderTest, KeepsUtf8AndDel) {
  EXPECT_EQ(Read("\"\xE2\x82\xAC\x7F\"").GetString(), "\xE2\x82\xAC\x7F");
}

// ---- numbers

TEST_F(JsonReaderTest, ReadsIntegersOf64Bits) {
  EXPECT_EQ(Read("9223372036854775807").GetInteger(), INT64_MAX);
  EXPECT_EQ(Read("-9223372036854775808").GetInteger(), INT64_MIN);
  EXPECT_EQ(Read("-0").GetInteger(), 0);
  EXPECT_EQ(Read("9223372036854775808").GetInteger(), std::nullopt);
  EXPECT_EQ(Read("-9223372036854775809").GetInteger(), std::nullopt);
}

TEST_F(JsonReaderTest, AFractionOrExponentIsNoInteger) {
  for (const char* text : {"1.0", "1e0", "1E2", "0.5", "-0.0"}) {
    EXPECT_EQ(Read(text).GetInteger(), std::nullopt) << text;
    EXPECT_TRUE(Read(text).GetNumber().has_value()) << text;
  }
}

TEST_F(JsonReaderTest, ReadsDoublesExactly) {
  EXPECT_EQ(Read("0.1").GetNumber(), 0.1);
  EXPECT_EQ(Read("1E+2").GetNumber(), 100.0);
  EXPECT_EQ(Read("1e-2").GetNumber(), 0.01);
  EXPECT_EQ(Read("0e9").GetNumber(), 0.0);
  EXPECT_EQ(Read("1.7976931348623157e308").GetNumber(), 1.7976931348623157e308);
  EXPECT_EQ(Read("5e-324").GetNumber(), 5e-324);
}

TEST_F(JsonReaderTest, ANumberNoDoubleHoldsIsStillANumber) {
  for (const char* text : {"1e999", "-1e999", "1e-999"}) {
    EXPECT_TRUE(Read(text).IsNumber()) << text;
    EXPECT_EQ(Read(text).GetNumber(), std::nullopt) << text;
  }
}

// ---- what RFC 8259 refuses

TEST_F(JsonReaderTest, RefusesWhatIsNoJson) {
  for (const char* text : {
           "",
           " ",
           "\n",  // nothing
           "x",
           "tru",
           "truex",
           "True",
           "nul",
           "nulll",
           "NaN",
           "Infinity",
           "-Infinity",
           "undefined",
           "[",
           "]",
           "{",
           "}",
           "[1",
           "[1,",
           "{\"a\"",
           "{\"a\":",
           "{\"a\":1",
           "{\"a\":1,",  // cut
           "[}",
           "{]",
           "[1}",
           "{\"a\":1]",
           "[]]",
           "{}}",  // brackets that do not match
           "[1 2]",
           "[1,,2]",
           "[,1]",
           "[1,]",
           "[,]",  // commas in arrays
           "{\"a\":1 \"b\":2}",
           "{\"a\":1,}",
           "{,}",
           "{\"a\":1,,\"b\":2}",  // commas in objects
           "{\"a\" 1}",
           "{\"a\"::1}",
           "{\"a\"}",
           "{\"a\":}",
           "{:1}",
           "[\"a\":1]",
           "{\"a\",1}",  // colons
           "{a:1}",
           "{1:1}",
           "{null:1}",
           "{[]:1}",
           "{'a':1}",
           "'a'",  // names and quotes
           "1 2",
           "{} {}",
           "[] x",
           "null,",
           "\"a\" \"b\"",
           "1]",  // trailing text
           "// c\n1",
           "/* c */ 1",
           "[1] # c",         // comments
           "\xEF\xBB\xBF{}",  // byte order mark
       }) {
    EXPECT_NE(Problem(text), "accepted") << text;
  }
}

TEST_F(JsonReaderTest, RefusesMalformedNumbers) {
  for (const char* text :
       {"01",  "-01",   "00",  "+1",    ".5",  "-.5", "1.", "1.e1", "-",   "--1",   "1e",   "1e+",
        "1E-", "1e1.5", "0x1", "1_000", "1,5", "1f",  "-a", "[1.]", "[-]", "1e1e1", "0.1.2"}) {
    EXPECT_NE(Problem(text), "accepted") << text;
  }
}

TEST_F(JsonReaderTest, RefusesEveryControlCharacterInStrings) {
  for (char c = 0; c < 0x20; ++c) {
    const std::string text = std::string("\"a") + c + "\"";
    EXPECT_EQ(Problem(text), "offset 2: control character in a string") << static_cast<int>(c);
  }
}

TEST_F(JsonReaderTest, RefusesBadEscapes) {
  for (const char* text : {R"("\x")", R"("\a")", R"("\'")", R"("\0")", R"("\U0041")", R"("\u")", R"("\u12")",
                           R"("\u12g4")", R"("\u 123")", R"("\u-123")", R"("\)", R"("\")", R"("\u004)"}) {
    EXPECT_NE(Problem(text), "accepted") << text;
  }
}

TEST_F(JsonReaderTest, RefusesLoneSurrogates) {
  for (const char* text : {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\n")", R"("\ud800\u0041")",
                           R"("\ud800\ud800")", R"("\udc00\ud800")", R"("\ud83d\ude0")"}) {
    EXPECT_NE(Problem(text), "accepted") << text;
  }
  EXPECT_EQ(Problem(R"(["\ud800"])"), "offset 2: surrogate without its partner");
}

TEST_F(JsonReaderTest, RefusesBadUtf8InStringsAndNames) {
  for (const std::string bad :
       {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xC3"}) {
    EXPECT_NE(Problem("\"" + bad + "\""), "accepted");
    EXPECT_NE(Problem("{\"" + bad + "\":1}"), "accepted");
  }
}

TEST_F(JsonReaderTest, RefusesNulOutsideStrings) {
  EXPECT_NE(Problem(std::string_view("\0", 1)), "accepted");
  EXPECT_NE(Problem(std::string_view("1\0", 2)), "accepted");
  EXPECT_NE(Problem(std::string_view("{}\0{}", 5)), "accepted") << "jsmn alone stops at the NUL";
}

TEST_F(JsonReaderTest, NamesTheOffset) {
  EXPECT_EQ(Problem("{\"a\":tru}"), "offset 5: no such literal");
  EXPECT_EQ(Problem("[1 2]"), "offset 3: ',' or ']' must stand here");
  EXPECT_EQ(Problem("[1,"), "offset 3: the text ends where a value must stand");
  EXPECT_EQ(Problem("[\"abc"), "offset 1: string without an end");
}

// ---- bounds

std::string Nested(size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST_F(JsonReaderTest, NestsAsDeepAsTheLimitAndNoDeeper) {
  EXPECT_EQ(Problem(Nested(JsonDocument::kMaxDepth)), "accepted");
  EXPECT_EQ(Problem(Nested(JsonDocument::kMaxDepth + 1)), "offset 32: nested too deeply");
  EXPECT_EQ(Problem(std::string(1 << 20, '[')), "offset 32: nested too deeply");
  std::string objects;
  for (int i = 0; i < 40; ++i) objects += "{\"a\":";
  EXPECT_EQ(Problem(objects), "offset 160: nested too deeply");
}

TEST_F(JsonReaderTest, BoundsTheNumberOfValues) {
  std::string text = "[0";
  for (size_t i = 2; i < JsonDocument::kMaxTokens; ++i) text += ",0";
  EXPECT_EQ(Problem(text + "]"), "accepted");
  EXPECT_NE(Problem(text + ",0]").find("too many values"), std::string::npos);
}

TEST_F(JsonReaderTest, BoundsTheLength) {
  std::string text(JsonDocument::kMaxBytes, ' ');
  text.back() = '1';
  EXPECT_EQ(Problem(text), "accepted");
  EXPECT_NE(Problem(text + " ").find("longer than"), std::string::npos);
}

TEST_F(JsonReaderTest, IsUsedAgainForTheNextText) {
  EXPECT_EQ(Read("[1,2,3,4]").Size(), 4u);
  EXPECT_EQ(Read("[5]").FirstChild().NextSibling().IsPresent(), false) << "tokens of the text before";
  EXPECT_NE(Problem("["), "accepted");
  EXPECT_EQ(Read("{\"a\":1}").GetObjectItem("a").GetInteger(), 1);
}

TEST_F(JsonReaderTest, EveryPrefixOfAMessageIsRefused) {
  const std::string text = R"({"a":[1.5e3,"\u20ac\ud83d\ude00",{"b":null}],"c":true,"d":{"e":[]}})";
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(Problem(std::string_view(text).substr(0, length)), "accepted") << length;
  }
  EXPECT_EQ(Problem(text), "accepted");
}

// What is accepted must also be walked to its end without leaving the text, whatever byte was damaged.
TEST_F(JsonReaderTest, ADamagedByteNeverConfusesTheCursors) {
  const std::string text = R"({"a":[1.5e3,"\u20ac",{"b":null}],"c":true,"d":{"e":[[],{}]}})";
  for (size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(byte);
      if (!document_.Parse(damaged)) continue;
      size_t members = 0;
      for (JsonValue v = document_.Root().FirstChild(); v.IsPresent(); v = v.NextSibling()) {
        ++members;
        size_t children = 0;
        for (JsonValue c = v.FirstChild(); c.IsPresent(); c = c.NextSibling()) ++children;
        EXPECT_EQ(children, v.Size()) << damaged;
      }
      EXPECT_EQ(members, document_.Root().Size()) << damaged;
    }
  }
}

}  // namespace
}  // namespace picket
