// A YAML document as a tree of values that know their place. libyaml reads it, in yaml.cc only.
//
// The subset a configuration needs: one document of mappings, sequences and scalars (JSON is part of
// it). Refused: anchors, aliases and merge keys (they make small files large, and places ambiguous), tags,
// keys that are not scalars, a key twice in one mapping.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/diagnostics.h"

namespace picket {

inline constexpr size_t kMaxYamlBytes = 1 << 20;
inline constexpr size_t kMaxYamlDepth = 16;  // mappings and sequences inside each other
inline constexpr size_t kMaxYamlNodes = 100'000;

struct YamlMember;

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;  // kNull: nothing, ~ or null, unquoted
  Place place;
  std::string text;                 // of a scalar, quotes and escapes resolved, UTF-8
  std::vector<YamlNode> items;      // of a sequence
  std::vector<YamlMember> members;  // of a mapping, in order

  // nullptr when this is no mapping or has no such member.
  const YamlMember* Find(std::string_view name) const;
  // "a mapping", "a list", "a value", "nothing": for messages.
  const char* KindName() const;
};

struct YamlMember {
  std::string name;
  Place place;  // of the name
  YamlNode value;
};

// Empty when there were errors, which are then in *diagnostics. An empty text is a kNull node. `source`
// is what places are called by.
std::optional<YamlNode> ParseYaml(std::string_view text, const std::string& source, Diagnostics* diagnostics);

}  // namespace picket
