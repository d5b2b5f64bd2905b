#include "loss_json.h"

#include <string>

namespace guardwatch {
namespace {

constexpr int kDeepest = 64;  // Levels in members that are passed over.
constexpr std::string_view kExpected =
    R"(expected an object such as {"label":1,"p":0.9}, or with "probs", "logit" or "logits")";

// Moves along one line, and remembers the first thing that was not as expected.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : line_(line) {}

  bool failed() const { return error_.has_value(); }
  std::optional<LineError> TakeError() { return std::move(error_); }
  std::size_t column() const { return at_ + 1; }
  bool Fail(std::size_t column, std::string message) {
    if (!error_) error_ = LineError{column, std::move(message)};
    return false;
  }

  char Peek() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
    return at_ < line_.size() ? line_[at_] : '\0';
  }
  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool Expect(char c, std::string_view message) {
    return Accept(c) || Fail(column(), std::string(message));
  }
  bool AtEnd() { return Peek() == '\0' && at_ == line_.size(); }

  // The text between the quotes, escapes as they stand.
  bool String(std::string_view& text) {
    if (!Expect('"', "expected a name in double quotes")) return false;
    const std::size_t begin = at_;
    while (at_ < line_.size() && line_[at_] != '"') at_ += line_[at_] == '\\' ? 2 : 1;
    if (at_ >= line_.size()) return Fail(begin, "this string has no end");
    text = line_.substr(begin, at_++ - begin);
    return true;
  }

  // A number, `true`, `false` or `null` as it stands.
  std::string_view Token() {
    Peek();
    const std::size_t end = std::min(line_.find_first_of(",]} \t", at_), line_.size());
    const std::string_view token = line_.substr(at_, end - at_);
    at_ = end;
    return token;
  }

  bool SkipValue(int depth = 0) {
    if (depth > kDeepest) return Fail(column(), "nested too deep");
    std::string_view text;
    const char open = Peek();
    if (open == '"') return String(text);
    if (open != '{' && open != '[') {
      const std::size_t begin = column();
      return !Token().empty() || Fail(begin, "expected a value");
    }
    ++at_;
    const char close = open == '{' ? '}' : ']';
    if (Accept(close)) return true;
    do {
      if (open == '{' && !(String(text) && Expect(':', "expected ':' after a name"))) return false;
      if (!SkipValue(depth + 1)) return false;
    } while (Accept(','));
    return Expect(close, std::string("expected ',' or '") + close + "'");
  }

 private:
  std::string_view line_;
  std::size_t at_ = 0;
  std::optional<LineError> error_;
};

bool ReadLabel(Cursor& cursor, LossRow& row) {
  cursor.Peek();
  row.label_column = cursor.column();
  const std::string_view token = cursor.Token();
  const auto label = ParseLabel(token);
  if (!label) {
    return cursor.Fail(row.label_column, "label " + Quoted(token) +
                                             ": expected the number of a class, 0, 1..., or true "
                                             "or false");
  }
  row.label = *label;
  return true;
}

bool ReadNumber(Cursor& cursor, LossRow& row) {
  cursor.Peek();
  const std::size_t column = cursor.column();
  if (cursor.Peek() == '[' || cursor.Peek() == '{') {
    return cursor.Fail(column, "expected a number; lists are for \"probs\" and \"logits\"");
  }
  const std::string_view token = cursor.Token();
  const auto number = ParseNumber(token);
  if (!number) return cursor.Fail(column, Quoted(token) + ": expected a finite number");
  row.values.push_back({*number, column});
  return true;
}

bool ReadNumbers(Cursor& cursor, LossRow& row) {
  const std::size_t column = cursor.column();
  if (!cursor.Expect('[', "expected a list of numbers, one per class")) return false;
  do {
    if (!ReadNumber(cursor, row)) return false;
  } while (cursor.Accept(','));
  if (!cursor.Expect(']', "expected ',' or ']'")) return false;
  return row.values.size() > 1 ||
         cursor.Fail(column, "expected at least two numbers, one per class");
}

bool ReadMember(Cursor& cursor, LossRow& row, bool& labeled) {
  cursor.Peek();
  const std::size_t column = cursor.column();
  std::string_view name;
  if (!cursor.String(name) || !cursor.Expect(':', "expected ':' after a name")) return false;
  const bool label = name == "label";
  const bool list = name == "probs" || name == "logits";
  if (!label && !list && name != "p" && name != "logit") return cursor.SkipValue();
  if (label ? labeled : !row.values.empty()) {
    return cursor.Fail(column, "\"" + std::string(name) + "\": the line already has " +
                                   (label ? "a label" : "a prediction"));
  }
  if (label) {
    labeled = true;
    return ReadLabel(cursor, row);
  }
  row.logits = name == "logit" || name == "logits";
  cursor.Peek();
  return list ? ReadNumbers(cursor, row) : ReadNumber(cursor, row);
}

}  // namespace

std::optional<LineError> ReadLossJson(std::string_view line, LossRow& row) {
  row.values.clear();
  Cursor cursor(line);
  bool labeled = false;
  if (!cursor.Expect('{', kExpected)) return cursor.TakeError();
  if (!cursor.Accept('}')) {
    do {
      if (!ReadMember(cursor, row, labeled)) return cursor.TakeError();
    } while (cursor.Accept(','));
    if (!cursor.Expect('}', "expected ',' or '}'")) return cursor.TakeError();
  }
  if (!cursor.AtEnd()) return LineError{cursor.column(), "expected nothing after the object"};
  if (!labeled) return LineError{1, "no \"label\": " + std::string(kExpected)};
  if (row.values.empty()) return LineError{1, "no prediction: " + std::string(kExpected)};
  return std::nullopt;
}

}  // namespace guardwatch
