#include "config/yaml_document.h"

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <streambuf>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace guardwatch {
namespace {

constexpr std::size_t kMaxDepth = 32;

// Leaves the parser from within one of its events. Caught in ParseYaml.
struct Refused {
  ConfigError error;
};

Place PlaceOf(const YAML::Mark& mark, std::size_t width = 1) {
  // Marks count from 0; the library's "no mark" is -1.
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1,
          static_cast<int>(std::clamp<std::size_t>(width, 1, kMaxYamlBytes))};
}

ConfigError ErrorAt(const YAML::Mark& mark, std::string message, std::string hint = {}) {
  const Place place = PlaceOf(mark);
  ConfigError error;
  error.line = place.line;
  error.column = place.column;
  error.width = place.width;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return error;
}

// Builds the tree from the parser's events. The library's own tree is not used: it loses duplicate
// keys, and expands nothing that could be limited.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(YamlLimits limits) : limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Refused{ErrorAt(mark, "a second document begins here")};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.place = PlaceOf(mark);
    Add(mark, anchor, std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) throw Refused{ErrorAt(mark, "an alias within its own anchor")};
    Count(mark, found->second.nodes);
    Add(mark, YAML::NullAnchor, found->second.node, found->second.nodes);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseTag(mark, tag);
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.text = value;
    node.plain = tag == "?";
    node.place = PlaceOf(mark, value.size() + (node.plain ? 0 : 2));
    Add(mark, anchor, std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

  YamlNode TakeRoot() { return std::move(root_); }

 private:
  struct OpenNode {
    YamlNode node;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    std::size_t nodes = 1;  // In the subtree so far.
  };
  struct Anchored {
    YamlNode node;
    std::size_t nodes = 1;
  };

  static void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    // "?" is a plain scalar, "!" a quoted one; anything else was written out.
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refused{ErrorAt(mark, "tags such as '!!str' are not supported")};
  }

  void Count(const YAML::Mark& mark, std::size_t more) {
    nodes_ += more;
    if (nodes_ <= limits_.nodes) return;
    throw Refused{ErrorAt(mark, "more than " + std::to_string(limits_.nodes) + " values",
                          "aliases count as often as they are used")};
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    RefuseTag(mark, tag);
    if (open_.size() == kMaxDepth) {
      throw Refused{
          ErrorAt(mark, "nested more than " + std::to_string(kMaxDepth) + " levels deep")};
    }
    OpenNode opened{.node = {}, .mark = mark, .anchor = anchor};
    opened.node.kind = kind;
    opened.node.place = PlaceOf(mark);
    open_.push_back(std::move(opened));
  }

  void Close() {
    OpenNode closed = std::move(open_.back());
    open_.pop_back();
    Add(closed.mark, closed.anchor, std::move(closed.node), closed.nodes);
  }

  // Puts a finished node where it belongs: a key or an item of the innermost open node, or the
  // root.
  void Add(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode node, std::size_t nodes = 1) {
    Count(mark, 1);
    if (anchor != YAML::NullAnchor) {
      Count(mark, nodes);  // The copy.
      anchored_[anchor] = {node, nodes};
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    parent.nodes += nodes;
    const bool is_key = parent.node.kind == YamlNode::Kind::kMap &&
                        parent.node.keys.size() == parent.node.items.size();
    if (!is_key) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    if (node.kind != YamlNode::Kind::kScalar) {
      throw Refused{ErrorAt(mark, "expected a key, which is text",
                            "quote values that begin with '{', '[' or '*'")};
    }
    parent.node.keys.push_back({std::move(node.text), node.place});
  }

  const YamlLimits limits_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  std::vector<OpenNode> open_;  // Outermost first.
  std::map<YAML::anchor_t, Anchored> anchored_;
  YamlNode root_;
};

// Lets the parser read the text in place.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // Only read from.
    setg(begin, begin, begin + text.size());
  }
};

void ReadDocument(std::string_view text, TreeBuilder& builder) {
  TextBuffer buffer(text);
  std::istream in(&buffer);
  YAML::Parser parser(in);
  while (parser.HandleNextDocument(builder)) {
  }
}

}  // namespace

YamlResult ParseYaml(std::string_view text, YamlLimits limits) {
  YamlResult result;
  if (text.size() > limits.bytes) {
    result.errors.push_back(ErrorAt(
        YAML::Mark(), "the file is larger than " + std::to_string(limits.bytes >> 20) + " MiB"));
    return result;
  }
  TreeBuilder builder(limits);
  try {
    ReadDocument(text, builder);
    result.root = builder.TakeRoot();
  } catch (const Refused& refused) {
    result.errors.push_back(refused.error);
  } catch (const YAML::Exception& e) {
    result.errors.push_back(ErrorAt(e.mark, "not valid YAML: " + e.msg));
  } catch (const std::exception& e) {
    result.errors.push_back(ErrorAt(YAML::Mark(), std::string("cannot be read: ") + e.what()));
  }
  return result;
}

}  // namespace guardwatch
