#include "codec/plain_reader.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/json_reader.h"

// The two readers must never tell different things of a document.

namespace guardwatch {
namespace {

const std::vector<std::string> kDimensions{"lang", "region", "tier"};

std::string Show(const JsonValue& value) {
  switch (value.type) {
    case JsonValue::Type::kNull:
      return "null";
    case JsonValue::Type::kBool:
      return std::string(value.boolean ? "true " : "false ") + std::string(value.text);
    case JsonValue::Type::kNumber: {
      char digits[64];
      std::snprintf(digits, sizeof(digits), "%a ", value.number);
      return digits + std::string(value.text);
    }
    case JsonValue::Type::kString:
      return '"' + std::string(value.text) + '"';
    case JsonValue::Type::kArray:
      return "array";
    case JsonValue::Type::kObject:
      return "object";
  }
  return "";
}

std::string Show(const JsonFields& fields) {
  std::string text;
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto field = static_cast<Field>(i);
    if (!fields.Contains(field)) continue;
    const JsonValue* const value = fields.Find(field);
    text += std::to_string(i) + "=" + (value != nullptr ? Show(*value) : "null") + "\n";
  }
  for (const NamedValue& each : fields.class_scores) {
    text += "class " + std::string(each.name) + "=" + Show(each.value) + "\n";
  }
  for (const CohortValue& value : fields.cohort) {
    text += value.present ? "cohort " + std::string(value.text) + "\n" : "no cohort\n";
  }
  return text;
}

class PlainReaderTest : public testing::Test {
 protected:
  // Whether the plain reader took the document, having seen to it that both agree.
  bool Taken(const std::string& document) {
    JsonFields plain;
    if (!plain_.Read(document, text_, plain)) return false;
    const std::string found = Show(plain);
    JsonFields full;
    const auto reason = full_.Read(document, full);
    EXPECT_FALSE(reason) << document;
    EXPECT_EQ(found, Show(full)) << document;
    return true;
  }

  PlainReader plain_{kDimensions};
  std::vector<char> text_;
  JsonReader full_{kDimensions};
};

TEST_F(PlainReaderTest, TakesWhatProducersWrite) {
  EXPECT_TRUE(Taken(R"({"kind":"combined","request_id":"r-81f2","time":"2026-11-22T09:41:07.123Z",)"
                    R"("guardrail":"prompt-injection","score":0.8132,"threshold":0.8,)"
                    R"("verdict":"block","cohort":{"lang":"de","tier":"free","age":7}})"));
  EXPECT_TRUE(Taken(R"( { "guardrail" : "g" , "score" : -0 , "label" : null } )"));
  EXPECT_TRUE(Taken(R"({"class_scores":{"a":0.1,"b":0.9},"cohort":{"lang":null},"other":true})"));
  EXPECT_TRUE(Taken(R"({"time":1767225600123,"score":1,"score":2,"cohort":{"lang":1,"lang":2}})"));
}

TEST_F(PlainReaderTest, KeysInAnotherOrderThanBeforeMeanTheSame) {
  EXPECT_TRUE(Taken(R"({"guardrail":"g","score":0.5,"cohort":{"lang":"de","tier":"free"}})"));
  EXPECT_TRUE(Taken(R"({"score":0.25,"guardrail":"h","cohort":{"tier":"paid","lang":"en"}})"));
  EXPECT_TRUE(Taken(R"({"guardrail":"g","label":true,"score":0.5})"));
  EXPECT_TRUE(Taken(R"({"guardrails":"g","sco":0.5,"cohort":{"lan":"de","tiers":"free"}})"));
}

TEST_F(PlainReaderTest, LeavesWhatTakesMoreThanAGlance) {
  for (const char* document :
       {R"({"guardrail":"a\u0062"})", R"({"guardrail":"Größe"})", R"({"score":1e-3})",
        R"({"score":0.12345678901234567})", R"({"other":{"a":1}})", R"({"other":[1]})",
        R"({"class_scores":{"a":0.1,"a":0.9}})", R"({})", R"([])", R"(1)", R"({"cohort":{}})"}) {
    EXPECT_FALSE(Taken(document)) << document;
  }
}

TEST_F(PlainReaderTest, LeavesWhatIsMalformed) {
  for (const char* document : {R"({"score":01})",
                               R"({"score":.5})",
                               R"({"score":1.})",
                               R"({"score":-})",
                               R"({"a":1,})",
                               R"({"a":1)",
                               R"({"a" 1})",
                               R"({"a":1}})",
                               R"({"a":1} x)",
                               R"({"a":tru})",
                               R"({"a":truex})",
                               R"({"a":nul})",
                               R"({"a":"b)",
                               R"({"a":"b})",
                               R"({a:1})",
                               R"({"a":1 "b":2})",
                               R"({"a":})",
                               "{\"a\":\"\t\"}",
                               "{\"a\":\"\x7f\"",
                               "{\"a\":NaN}",
                               "{,}",
                               "{\"cohort\":{\"lang\"}}"}) {
    EXPECT_FALSE(Taken(document)) << document;
  }
}

// Every byte of a valid document is changed, cut off and repeated.
TEST_F(PlainReaderTest, AgreesOnDocumentsThatAreAlmostRight) {
  const std::string document =
      R"({"kind":"score","time":12.5,"score":0.75,"label":true,"x":null,)"
      R"("cohort":{"lang":"de","tier":3},"class_scores":{"a":0.1,"b":-2}})";
  ASSERT_TRUE(Taken(document));
  std::mt19937_64 random(1);
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string changed = document;
    for (std::uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % changed.size();
      static constexpr std::string_view kBytes = "{}[]\",:0123456789.-+eE tfn\\\n\x01\x80 a";
      const char byte = kBytes[random() % kBytes.size()];
      switch (random() % 4) {
        case 0:
          changed[at] = byte;
          break;
        case 1:
          changed.insert(at, 1, byte);
          break;
        case 2:
          changed.erase(at, 1 + random() % 4);
          break;
        default:
          changed.insert(at, document, random() % document.size(), random() % 16);
      }
      if (changed.empty()) changed = "{";
    }
    taken += Taken(changed) ? 1 : 0;
  }
  EXPECT_GT(taken, 1000);
}

// Against the standard library's conversion, which rounds correctly.
TEST_F(PlainReaderTest, NumbersAreTheNearestDoubles) {
  std::mt19937_64 random(2);
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string digits = std::to_string(random() >> (random() % 64));
    if (random() % 4 != 0) digits.insert(random() % digits.size() + 1, 1, '.');
    if (digits.back() == '.') digits.push_back('5');
    if (random() % 2 == 0) digits.insert(0, 1, '-');
    const std::string document = "{\"score\":" + digits + "}";
    JsonFields fields;
    if (!plain_.Read(document, text_, fields)) continue;
    ++taken;
    ASSERT_EQ(fields.Find(Field::kScore)->number, std::strtod(digits.c_str(), nullptr)) << digits;
  }
  EXPECT_GT(taken, 50'000);
}

// The form that scores and thresholds have, which is read at once, and its neighbours.
TEST_F(PlainReaderTest, ShortFractionsAreTheNearestDoubles) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100'000; ++i) {
    const std::size_t places = 1 + random() % 9;
    std::string digits = std::to_string(random() % 12) + ".";
    for (std::size_t place = 0; place < places; ++place) {
      digits.push_back(static_cast<char>('0' + (random() % 3 == 0 ? 0 : random() % 10)));
    }
    for (const char* behind : {"}", " }", "\n}", ",\"other\":1}"}) {
      JsonFields fields;
      ASSERT_TRUE(plain_.Read("{\"score\":" + digits + behind, text_, fields)) << digits << behind;
      ASSERT_EQ(fields.Find(Field::kScore)->number, std::strtod(digits.c_str(), nullptr)) << digits;
      ASSERT_EQ(fields.Find(Field::kScore)->text, digits);
    }
    for (const char* behind : {"e}", "e1}", "E-2}", ".}", ".5}", "x}", "\"}", "-}"}) {
      JsonFields fields;
      ASSERT_FALSE(plain_.Read("{\"score\":" + digits + behind, text_, fields)) << digits << behind;
    }
  }
}

}  // namespace
}  // namespace guardwatch
