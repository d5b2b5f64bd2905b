#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "config/config_error.h"
#include "config/environment.h"
#include "config/yaml_document.h"

// Strict, typed reading of a YAML tree. Nothing here fails fast: whatever is wrong is reported to
// the ReadContext with its place, and reading goes on, so that the user sees every error at once.

namespace guardwatch {

// The place of a value in the structure: `guardrails[0].threshold`, and without its indexes as
// documentation would have it: `guardrails[].threshold`.
struct KeyPath {
  std::string text;
  std::string pattern;

  KeyPath Key(std::string_view key) const;
  KeyPath Item(std::size_t index) const;
};

// `text` in single quotes, cut to a length that fits a message, control characters replaced.
std::string Quote(std::string_view text);

// What the readers of one document share.
class ReadContext {
 public:
  ReadContext(std::string file, std::string_view text);

  void Fail(const Place& place, std::string path, std::string message, std::string hint = {});
  bool failed() const { return !errors_.empty(); }
  // In the order of the text, with file and excerpt.
  std::vector<ConfigError> TakeErrors();

  // Remembers that a key was looked for, and whether the document has it.
  void NoteKey(const std::string& pattern, bool written);
  std::map<std::string, bool> TakeKeys() { return std::move(keys_); }

  // A path in the file is relative to the file itself.
  std::string ResolvePath(const std::string& path) const;

 private:
  std::string Line(int number) const;

  std::string file_;
  std::string_view text_;
  std::vector<std::size_t> line_starts_;
  std::vector<ConfigError> errors_;
  std::map<std::string, bool> keys_;
};

// Expands environment variables in every scalar; those that cannot be are reported and marked
// invalid.
void ExpandScalars(YamlNode& node, const KeyPath& path, const Environment& environment,
                   ReadContext& context);

template <class T>
struct Range {
  T low;
  T high;
  bool above_low = false;  // `low` itself is excluded.

  bool Contains(T value) const { return (above_low ? value > low : value >= low) && value <= high; }
};

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

// One value of the document. Reading it reports what is wrong with it and returns nullopt. Refers
// to the tree and the context, which must outlive it.
class YamlValue {
 public:
  YamlValue(const YamlNode& node, KeyPath path, ReadContext& context)
      : node_(&node), path_(std::move(path)), context_(&context) {}

  std::optional<std::string> Text() const;      // Not empty.
  std::optional<std::string> AnyText() const;   // May be "".
  std::optional<std::string> FilePath() const;  // Relative to the document's own folder.
  std::optional<bool> Bool() const;             // true or false, not yes or "true".
  std::optional<double> Number(Range<double> range) const;
  std::optional<std::int64_t> Integer(Range<std::int64_t> range) const;
  std::optional<Duration> Length(Range<Duration> range) const;
  std::vector<YamlValue> Items() const;  // Of a list; without the invalid ones.
  std::vector<YamlValue> SomeItems(const std::string& what) const;  // At least one: `what`.
  std::vector<std::string> DistinctTexts() const;                   // A list of texts, none twice.

  // One of a few words; `choices` pairs each with what it means.
  template <class T>
  std::optional<T> Choice(std::initializer_list<std::pair<std::string_view, T>> choices) const {
    std::vector<std::string> words;
    for (const auto& choice : choices) words.emplace_back(choice.first);
    const auto index = ChoiceIndex(words);
    if (!index) return std::nullopt;
    return (choices.begin() + *index)->second;
  }

  bool is_scalar() const { return node_->kind == YamlNode::Kind::kScalar; }
  const YamlNode& node() const { return *node_; }
  const KeyPath& path() const { return path_; }
  ReadContext& context() const { return *context_; }

  // Reports `path: message (hint)` at this value.
  void Fail(const std::string& message, std::string hint = {}) const;
  // The same for a value of the wrong kind: `path: expected WHAT, got ...`.
  void FailExpected(const std::string& what, std::string hint = {}) const;

 private:
  std::optional<std::size_t> ChoiceIndex(const std::vector<std::string>& words) const;

  const YamlNode* node_;
  KeyPath path_;
  ReadContext* context_;
};

// A map with a fixed set of keys: those that are asked for. When the reader goes out of scope it
// reports the keys of the document that nobody asked for; duplicate keys are reported at once. An
// absent value (`defaults:` and nothing after it) counts as an empty map.
class YamlMap {
 public:
  explicit YamlMap(const YamlValue& value);
  ~YamlMap();
  YamlMap(const YamlMap&) = delete;
  YamlMap& operator=(const YamlMap&) = delete;

  // Nullopt if the key is absent or its value was reported before.
  std::optional<YamlValue> Find(std::string_view key);
  // The same, but absence is an error.
  std::optional<YamlValue> Require(std::string_view key);
  bool Has(std::string_view key) const;

  // Each overwrites `out` if the key is there and valid.
  void Read(std::string_view key, std::string& out);
  void Read(std::string_view key, bool& out);
  void Read(std::string_view key, double& out, Range<double> range);
  void Read(std::string_view key, std::int64_t& out, Range<std::int64_t> range);
  void Read(std::string_view key, Duration& out, Range<Duration> range);
  void ReadPath(std::string_view key, std::string& out);
  template <class T>
  void Read(std::string_view key, T& out,
            std::initializer_list<std::pair<std::string_view, T>> choices) {
    const auto value = Find(key);
    if (!value) return;
    if (const auto choice = value->template Choice<T>(choices)) out = *choice;
  }

  // Reports at the map itself.
  void Fail(const std::string& message, std::string hint = {}) const { value_.Fail(message, hint); }

 private:
  YamlValue value_;
  bool is_map_ = false;
  std::vector<std::string> asked_;
};

// The entries of a map whose keys are free, in the order written, without duplicates.
std::vector<std::pair<std::string, YamlValue>> Entries(const YamlValue& map);

}  // namespace guardwatch
