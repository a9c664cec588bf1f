#include "settings/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <utility>

namespace picket {
namespace {

// Builds the tree from libyaml's events. Recursion is bounded by kMaxYamlDepth.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const std::string& source, Diagnostics* diagnostics)
      : text_(text), source_(source), diagnostics_(diagnostics) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (!ready_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  ~TreeBuilder() {
    if (has_event_) yaml_event_delete(&event_);
    if (ready_) yaml_parser_delete(&parser_);
  }
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;

  std::optional<YamlNode> Build() {
    if (!ready_) {
      diagnostics_->Error({source_}, "out of memory");
      return std::nullopt;
    }
    YamlNode root;
    root.place = {source_, 1, 1};
    // Duplicate keys are reported and read on; every other problem ends the reading.
    if (!Next() || !Next()) return std::nullopt;  // stream start, document start
    if (event_.type == YAML_STREAM_END_EVENT) return root;
    if (!Next() || !Node(0, &root) || !Next() || !Next()) return std::nullopt;  // ..., document end
    if (event_.type != YAML_STREAM_END_EVENT) {
      Refuse("a second document: a configuration is one document");
      return std::nullopt;
    }
    if (duplicates_) return std::nullopt;
    return root;
  }

 private:
  Place PlaceAt(const yaml_mark_t& mark) const { return {source_, mark.line + 1, mark.column + 1}; }
  Place Here() const { return PlaceAt(event_.start_mark); }

  bool Refuse(const char* problem) {
    diagnostics_->Error(Here(), "%s", problem);
    return false;
  }

  bool Next() {
    if (has_event_) yaml_event_delete(&event_);
    has_event_ = yaml_parser_parse(&parser_, &event_) == 1;
    if (!has_event_) ReportSyntax();
    return has_event_;
  }

  void ReportSyntax() {
    const char* problem = parser_.problem != nullptr ? parser_.problem : "out of memory";
    if (parser_.error == YAML_READER_ERROR) {
      // The reader knows an offset only: these are bytes that are no text.
      const size_t offset = std::min(parser_.problem_offset, text_.size());
      const std::string_view before = text_.substr(0, offset);
      const auto line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
      diagnostics_->Error({source_, line, offset - (before.rfind('\n') + 1) + 1}, "not UTF-8 text: %s",
                          problem);
      return;
    }
    const yaml_mark_t& mark = parser_.problem_mark;
    const bool tab = mark.index < text_.size() && text_[mark.index] == '\t';
    diagnostics_->Error(PlaceAt(mark), "%s%s%s%s", problem, parser_.context != nullptr ? " " : "",
                        parser_.context != nullptr ? parser_.context : "",
                        tab ? " (YAML indents with spaces, not with tabs)" : "");
  }

  // The current event begins a node.
  bool Node(size_t depth, YamlNode* node) {
    if (++nodes_ > kMaxYamlNodes) return Refuse("too many values in one file");
    node->place = Here();
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        return Scalar(node);
      case YAML_SEQUENCE_START_EVENT:
        if (!Plain(event_.data.sequence_start.anchor, event_.data.sequence_start.tag)) return false;
        return depth < kMaxYamlDepth ? Sequence(depth + 1, node) : Refuse("nested too deeply");
      case YAML_MAPPING_START_EVENT:
        if (!Plain(event_.data.mapping_start.anchor, event_.data.mapping_start.tag)) return false;
        return depth < kMaxYamlDepth ? Mapping(depth + 1, node) : Refuse("nested too deeply");
      case YAML_ALIAS_EVENT:
        return Refuse("aliases (*name) are not supported: write the value out");
      default:
        return Refuse("a value must stand here");
    }
  }

  bool Plain(const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr) return Refuse("anchors (&name) are not supported: write the value out");
    if (tag != nullptr) return Refuse("tags (!name) are not supported");
    return true;
  }

  bool Scalar(YamlNode* node) {
    const auto& scalar = event_.data.scalar;
    if (!Plain(scalar.anchor, scalar.tag)) return false;
    node->text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const bool bare = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const bool null = node->text.empty() || node->text == "~" || node->text == "null";
    node->kind = bare && null ? YamlNode::Kind::kNull : YamlNode::Kind::kScalar;
    return true;
  }

  bool Sequence(size_t depth, YamlNode* node) {
    node->kind = YamlNode::Kind::kSequence;
    while (Next()) {
      if (event_.type == YAML_SEQUENCE_END_EVENT) return true;
      if (!Node(depth, &node->items.emplace_back())) return false;
    }
    return false;
  }

  bool Mapping(size_t depth, YamlNode* node) {
    node->kind = YamlNode::Kind::kMapping;
    std::map<std::string, Place> seen;
    while (Next()) {
      if (event_.type == YAML_MAPPING_END_EVENT) return true;
      if (event_.type != YAML_SCALAR_EVENT) return Refuse("a key must be a single word");
      YamlNode name;
      if (!Node(depth, &name)) return false;
      YamlMember member{name.text, name.place, {}};
      if (const auto [first, added] = seen.emplace(member.name, member.place); !added) {
        diagnostics_->Error(member.place, "key '%s' is here a second time; the first is at %s",
                            member.name.c_str(), first->second.ToString().c_str());
        duplicates_ = true;
      }
      if (!Next() || !Node(depth, &member.value)) return false;
      node->members.push_back(std::move(member));
    }
    return false;
  }

  const std::string_view text_;
  const std::string& source_;
  Diagnostics* const diagnostics_;
  yaml_parser_t parser_;
  yaml_event_t event_;
  bool ready_ = false;
  bool has_event_ = false;
  bool duplicates_ = false;
  size_t nodes_ = 0;
};

}  // namespace

const YamlMember* YamlNode::Find(std::string_view name) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const YamlMember& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

const char* YamlNode::KindName() const {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "a value";
    case Kind::kSequence:
      return "a list";
    case Kind::kMapping:
      return "a mapping";
  }
  return "nothing";
}

std::optional<YamlNode> ParseYaml(std::string_view text, const std::string& source,
                                  Diagnostics* diagnostics) {
  if (text.size() > kMaxYamlBytes) {
    diagnostics->Error({source}, "larger than %zu bytes", kMaxYamlBytes);
    return std::nullopt;
  }
  return TreeBuilder(text, source, diagnostics).Build();
}

}  // namespace picket
