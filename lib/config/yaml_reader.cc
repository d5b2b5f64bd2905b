#include "config/yaml_reader.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "config/secrets.h"
#include "config/suggest.h"

namespace guardwatch {
namespace {

constexpr std::size_t kLongestQuote = 64;
constexpr std::size_t kLongestExcerpt = 200;

std::string Where(const std::string& path) {
  return path.empty() ? "at the top level" : "in " + path;
}

// Reports keys that occur before; returns the indexes of the others.
std::vector<std::size_t> DistinctKeys(const YamlValue& map) {
  const YamlNode& node = map.node();
  std::vector<std::size_t> distinct;
  std::map<std::string_view, int> first_line;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlKey& key = node.keys[i];
    const auto [first, is_new] = first_line.emplace(key.text, key.place.line);
    if (is_new) {
      distinct.push_back(i);
      continue;
    }
    map.context().Fail(key.place, map.path().text,
                       "duplicate key " + Quote(key.text) + " " + Where(map.path().text),
                       "first in line " + std::to_string(first->second));
  }
  return distinct;
}

// An absent value is an empty map.
bool ExpectMap(const YamlValue& value) {
  if (value.node().kind == YamlNode::Kind::kMap) return true;
  if (value.node().kind != YamlNode::Kind::kNull) value.FailExpected("a map");
  return false;
}

}  // namespace

KeyPath KeyPath::Key(std::string_view key) const {
  const std::string name(key);
  if (text.empty()) return {name, name};
  return {text + "." + name, pattern + "." + name};
}

KeyPath KeyPath::Item(std::size_t index) const {
  return {text + "[" + std::to_string(index) + "]", pattern + "[]"};
}

std::string Quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text.substr(0, kLongestQuote)) {
    const auto byte = static_cast<unsigned char>(c);
    quoted.push_back(byte < 0x20 || byte == 0x7F ? ' ' : c);
  }
  if (text.size() > kLongestQuote) quoted += "...";
  return quoted + "'";
}

ReadContext::ReadContext(std::string file, std::string_view text)
    : file_(std::move(file)), text_(text), line_starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') line_starts_.push_back(i + 1);
  }
}

void ReadContext::Fail(const Place& place, std::string path, std::string message,
                       std::string hint) {
  ConfigError error;
  error.line = place.line;
  error.column = place.column;
  error.width = place.width;
  error.path = std::move(path);
  error.message = std::move(message);
  error.hint = std::move(hint);
  errors_.push_back(std::move(error));
}

std::string ReadContext::Line(int number) const {
  const auto index = static_cast<std::size_t>(std::max(number, 1) - 1);
  if (index >= line_starts_.size()) return "";
  std::string_view line = text_.substr(line_starts_[index]);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > kLongestExcerpt || NamesSecret(line)) return "";
  return std::string(line);
}

std::vector<ConfigError> ReadContext::TakeErrors() {
  std::stable_sort(errors_.begin(), errors_.end(), [](const ConfigError& a, const ConfigError& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  for (ConfigError& error : errors_) {
    error.file = file_;
    error.excerpt = Line(error.line);
  }
  return std::move(errors_);
}

void ReadContext::NoteKey(const std::string& pattern, bool written) {
  bool& known = keys_[pattern];
  known = known || written;
}

std::string ReadContext::ResolvePath(const std::string& path) const {
  const std::filesystem::path given(path);
  if (given.is_absolute()) return path;
  return (std::filesystem::path(file_).parent_path() / given).lexically_normal().string();
}

void ExpandScalars(YamlNode& node, const KeyPath& path, const Environment& environment,
                   ReadContext& context) {
  if (node.kind == YamlNode::Kind::kScalar && node.text.find('$') != std::string::npos) {
    auto expanded = ExpandEnvironment(node.text, environment);
    if (!expanded) {
      node.invalid = true;
      context.Fail(node.place, path.text, path.text + ": " + expanded.error().message,
                   "write $$ for a '$' of its own, ${env:NAME:-x} for a default");
      return;
    }
    // Within [] and {} a reference has to be quoted, and may still stand for a number.
    node.plain = node.plain || *expanded != node.text;
    node.text = *std::move(expanded);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const bool is_map = node.kind == YamlNode::Kind::kMap;
    ExpandScalars(node.items[i], is_map ? path.Key(node.keys[i].text) : path.Item(i), environment,
                  context);
  }
}

YamlMap::YamlMap(const YamlValue& value) : value_(value), is_map_(ExpectMap(value)) {
  if (is_map_) DistinctKeys(value_);
}

YamlMap::~YamlMap() {
  if (!is_map_) return;
  std::set<std::string_view> reported;
  for (const YamlKey& key : value_.node().keys) {
    const bool known = std::find(asked_.begin(), asked_.end(), key.text) != asked_.end();
    if (known || !reported.insert(key.text).second) continue;
    std::string hint = DidYouMean(key.text, asked_);
    if (key.text == "<<") hint = "merge keys are not supported; repeat the keys";
    value_.context().Fail(key.place, value_.path().text,
                          "unknown key " + Quote(key.text) + " " + Where(value_.path().text),
                          std::move(hint));
  }
}

bool YamlMap::Has(std::string_view key) const {
  const auto& keys = value_.node().keys;
  return is_map_ &&
         std::any_of(keys.begin(), keys.end(), [&](const YamlKey& k) { return k.text == key; });
}

std::optional<YamlValue> YamlMap::Find(std::string_view key) {
  asked_.emplace_back(key);
  KeyPath path = value_.path().Key(key);
  value_.context().NoteKey(path.pattern, Has(key));
  if (!is_map_) return std::nullopt;
  const YamlNode& node = value_.node();
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    if (node.keys[i].text != key) continue;
    if (node.items[i].invalid) return std::nullopt;
    return YamlValue(node.items[i], std::move(path), value_.context());
  }
  return std::nullopt;
}

std::optional<YamlValue> YamlMap::Require(std::string_view key) {
  auto value = Find(key);
  const bool readable = is_map_ || value_.node().kind == YamlNode::Kind::kNull;
  if (readable && !Has(key)) {
    const std::string& path = value_.path().text;
    value_.context().Fail(value_.node().place, path,
                          "missing key " + Quote(key) + " " + Where(path));
  }
  return value;
}

void YamlMap::Read(std::string_view key, std::string& out) {
  const auto value = Find(key);
  if (!value) return;
  if (auto text = value->Text()) out = *std::move(text);
}

void YamlMap::Read(std::string_view key, bool& out) {
  const auto value = Find(key);
  if (!value) return;
  if (const auto flag = value->Bool()) out = *flag;
}

void YamlMap::Read(std::string_view key, double& out, Range<double> range) {
  const auto value = Find(key);
  if (!value) return;
  if (const auto number = value->Number(range)) out = *number;
}

void YamlMap::Read(std::string_view key, std::int64_t& out, Range<std::int64_t> range) {
  const auto value = Find(key);
  if (!value) return;
  if (const auto number = value->Integer(range)) out = *number;
}

void YamlMap::Read(std::string_view key, Duration& out, Range<Duration> range) {
  const auto value = Find(key);
  if (!value) return;
  if (const auto length = value->Length(range)) out = *length;
}

void YamlMap::ReadPath(std::string_view key, std::string& out) {
  const auto value = Find(key);
  if (!value) return;
  if (auto path = value->FilePath()) out = *std::move(path);
}

std::vector<std::pair<std::string, YamlValue>> Entries(const YamlValue& map) {
  std::vector<std::pair<std::string, YamlValue>> entries;
  if (!ExpectMap(map)) return entries;
  for (const std::size_t i : DistinctKeys(map)) {
    const YamlNode& node = map.node();
    if (node.items[i].invalid) continue;
    entries.emplace_back(
        node.keys[i].text,
        YamlValue(node.items[i], map.path().Key(node.keys[i].text), map.context()));
  }
  return entries;
}

}  // namespace guardwatch
