#include "base/json_writer.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string_view>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

std::string Written(double value) { return JsonWriter().Value(value).text(); }

TEST(JsonWriterTest, PutsCommasBetweenElementsAtEveryDepth) {
  JsonWriter json;
  json.BeginObject().Field("a", 1).Key("b").BeginArray();
  json.Value(true).Value(false).Null().BeginArray().EndArray().BeginObject().EndObject();
  json.BeginObject().Field("c", "x").Field("d", -2).EndObject();
  json.EndArray().Key("e").Raw("[1,2]").Field("f", std::string("y")).EndObject();
  EXPECT_EQ(json.text(),
            R"({"a":1,"b":[true,false,null,[],{},{"c":"x","d":-2}],"e":[1,2],"f":"y"})");
}

TEST(JsonWriterTest, WritesAnIntegerOfAnySizeExactly) {
  JsonWriter json;
  json.BeginArray()
      .Value(std::numeric_limits<std::int64_t>::min())
      .Value(std::numeric_limits<std::uint64_t>::max())
      .Value(0u)
      .EndArray();
  EXPECT_EQ(json.text(), "[-9223372036854775808,18446744073709551615,0]");
}

TEST(JsonWriterTest, WritesBigIntegersAsStrings) {
  JsonWriter json;
  json.BeginArray().Value((Int128{1} << 100)).Value(Int128{0}).EndArray();
  EXPECT_EQ(json.text(), R"(["1267650600228229401496703205376","0"])");
}

TEST(JsonWriterTest, WritesTheShortestDoubleThatReadsBack) {
  EXPECT_EQ(Written(0.1), "0.1");
  EXPECT_EQ(Written(0.25), "0.25");
  EXPECT_EQ(Written(1.0), "1");
  EXPECT_EQ(Written(1.0 / 3.0), "0.3333333333333333");
  EXPECT_EQ(Written(5e-324), "5e-324");
  EXPECT_EQ(Written(0.1 + 0.2), "0.30000000000000004");
  std::mt19937_64 random(2);
  for (int i = 0; i < 1000; ++i) {
    const double value = std::ldexp(double(random()), static_cast<int>(random() % 200) - 100);
    EXPECT_EQ(std::strtod(Written(value).c_str(), nullptr), value);
  }
}

TEST(JsonWriterTest, WritesNullForNumbersThatJsonDoesNotHave) {
  EXPECT_EQ(Written(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(Written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Written(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonStringTest, EscapesQuotesBackslashesAndControlCharacters) {
  using namespace std::string_view_literals;
  EXPECT_EQ(JsonString("plain / text"), R"("plain / text")");
  EXPECT_EQ(JsonString(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(JsonString("\n\r\t"), R"("\n\r\t")");
  EXPECT_EQ(JsonString("\0\x01\b\f\x1f\x7f"sv), R"("\u0000\u0001\u0008\u000c\u001f\u007f")");
}

TEST(JsonStringTest, KeysAreEscapedLikeValues) {
  JsonWriter json;
  json.BeginObject().Field("a\"\xff", 1).EndObject();
  EXPECT_EQ(json.text(), "{\"a\\\"\xEF\xBF\xBD\":1}");
}

TEST(JsonStringTest, KeepsValidUtf8AsItIs) {
  for (const std::string_view text :
       {"\xC2\x80", "\xC3\xA4", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF", "\xF0\x90\x80\x80",
        "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(JsonString(text), '"' + std::string(text) + '"');
  }
}

TEST(JsonStringTest, ReplacesEachByteThatIsNotUtf8) {
  struct Row {
    std::string_view text;
    int replacements;
  };
  constexpr std::array kRows{Row{"\x80", 1},
                             Row{"\xFF", 1},
                             Row{"\xC3", 1},              // Cut short.
                             Row{"\xF0\x9F\x98", 3},      // Cut short.
                             Row{"\xC0\xAF", 2},          // Overlong.
                             Row{"\xE0\x9F\xBF", 3},      // Overlong.
                             Row{"\xF0\x8F\xBF\xBF", 4},  // Overlong.
                             Row{"\xED\xA0\x80", 3},      // A surrogate.
                             Row{"\xF4\x90\x80\x80", 4},  // Beyond U+10FFFF.
                             Row{"\xF5\x80\x80\x80", 4}};
  for (const Row& row : kRows) {
    std::string expected = "\"<";
    for (int i = 0; i < row.replacements; ++i) expected += "\xEF\xBF\xBD";
    EXPECT_EQ(JsonString('<' + std::string(row.text) + '>'), expected + ">\"");
  }
}

}  // namespace
}  // namespace guardwatch
