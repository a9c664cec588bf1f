#include "settings/settings_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "settings/values.h"

namespace picket {
namespace {

constexpr std::string_view kFileSuffix = "_file";
constexpr std::string_view kVariableFileSuffix = "_FILE";
constexpr size_t kMaxSecretFileBytes = 64 << 10;

bool IsSecretFileOf(const Key& key, std::string_view path) {
  return key.secret && path.size() == key.name.size() + kFileSuffix.size() && path.starts_with(key.name) &&
         path.ends_with(kFileSuffix);
}

// The variable when it is set and not empty.
const Variable* FindVariable(const Environment& environment, std::string_view name) {
  if (name.empty()) return nullptr;
  const auto found = environment.find(name);
  return found == environment.end() || found->second.value.empty() ? nullptr : &found->second;
}

}  // namespace

void SettingsReader::ReadMapping(const YamlNode& mapping, const std::string& prefix) {
  for (const YamlMember& member : mapping.members) {
    const std::string path = prefix + member.name;
    const std::span<const Key> keys = settings_->keys_;
    const auto is_known = [&](const Key& key) {
      return key.name == path || IsSecretFileOf(key, path) || key.name.starts_with(path + ".");
    };
    if (std::any_of(keys.begin(), keys.end(), is_known)) {
      ReadMember(member, path);
    } else {
      RefuseUnknown(member, prefix);
    }
  }
}

void SettingsReader::ReadMember(const YamlMember& member, const std::string& path) {
  const YamlNode& node = member.value;
  if (node.kind == YamlNode::Kind::kNull) return;  // "key:" with nothing behind it: the default
  for (size_t i = 0; i < settings_->keys_.size(); ++i) {
    const Key& key = settings_->keys_[i];
    const bool is_file = IsSecretFileOf(key, path);
    if (key.name != path && !is_file) continue;
    const Origin& before = settings_->slots_[i].origin;
    if (key.secret && before.source == Origin::Source::kFile) {
      diagnostics_->Error(member.place, "%s: its value is given already at %s; keep one of the two",
                          path.c_str(), before.place.ToString().c_str());
    } else if (!is_file) {
      ReadNode(i, node);
    } else if (node.kind != YamlNode::Kind::kScalar) {
      settings_->slots_[i].refused = true;
      diagnostics_->Error(node.place, "%s: the path of a file must stand here, not %s", path.c_str(),
                          node.KindName());
    } else {
      ReadSecretFile(i, node.text, {Origin::Source::kFile, node.place, {}});
    }
    return;
  }
  // No key, so it is a section of keys.
  if (node.kind != YamlNode::Kind::kMapping) {
    diagnostics_->Error(node.place, "%s: a mapping must stand here, not %s", path.c_str(), node.KindName());
    return;
  }
  ReadMapping(node, path + ".");
}

void SettingsReader::ReadNode(size_t index, const YamlNode& node) {
  const Key& key = settings_->keys_[index];
  const Origin origin{Origin::Source::kFile, node.place, {}};
  if (key.type == ValueType::kCustom) {
    settings_->slots_[index] = {.value = &node, .origin = origin, .entries = {}};
  } else if (key.type == ValueType::kTextMap) {
    ReadMap(index, node);
  } else if (key.type == ValueType::kTextList && node.kind == YamlNode::Kind::kSequence) {
    ReadList(index, node);
  } else if (node.kind == YamlNode::Kind::kScalar) {
    ReadText(index, node.text, origin);
  } else {
    const std::string expected = key.type == ValueType::kTextList ? "a list" : "a value";
    Refuse(index, node.place, expected + " must stand here, not " + node.KindName());
  }
}

void SettingsReader::ReadList(size_t index, const YamlNode& node) {
  std::vector<std::string> list;
  Settings::Slot slot{.value = {}, .origin = {Origin::Source::kFile, node.place, {}}, .entries = {}};
  for (const YamlNode& item : node.items) {
    if (item.kind != YamlNode::Kind::kScalar || item.text.empty()) {
      return Refuse(index, item.place, "an entry must be a text");
    }
    if (const Status entry = CheckEntry(item.text); !entry)
      return Refuse(index, item.place, entry.error().message);
    list.push_back(item.text);
    slot.entries.emplace(item.text, item.place);
  }
  const Status count = CheckEntryCount(settings_->keys_[index], list.size());
  if (!count) return Refuse(index, node.place, count.error().message);
  slot.value = std::move(list);
  settings_->slots_[index] = std::move(slot);
}

void SettingsReader::ReadMap(size_t index, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kMapping) {
    return Refuse(index, node.place, std::string("a mapping must stand here, not ") + node.KindName());
  }
  std::map<std::string, std::string> map;
  Settings::Slot slot{.value = {}, .origin = {Origin::Source::kFile, node.place, {}}, .entries = {}};
  for (const auto& [name, place, value] : node.members) {
    if (value.kind != YamlNode::Kind::kScalar) {
      return Refuse(index, value.place, name + " must be a text or a number, not " + value.KindName());
    }
    if (const Status entry = CheckEntry(value.text); !entry) {
      return Refuse(index, value.place, name + ": " + entry.error().message);
    }
    map.emplace(name, value.text);
    slot.entries.emplace(name, place);
  }
  const Status count = CheckEntryCount(settings_->keys_[index], map.size());
  if (!count) return Refuse(index, node.place, count.error().message);
  slot.value = std::move(map);
  settings_->slots_[index] = std::move(slot);
}

void SettingsReader::ReadText(size_t index, std::string_view text, const Origin& origin) {
  const Key& key = settings_->keys_[index];
  Expected<KeyValue> value = ParseKeyValue(key, text);
  if (!value) return Refuse(index, origin.place, value.error().message);
  if (key.type == ValueType::kFile && !text.empty()) {
    const Status readable = files_.CheckReadable(std::string(text));
    if (!readable) return Refuse(index, origin.place, readable.error().message);
  }
  settings_->slots_[index] = {.value = *std::move(value), .origin = origin, .entries = {}};
}

void SettingsReader::ReadSecretFile(size_t index, const std::string& path, Origin origin) {
  Expected<std::string> content = files_.Read(path, kMaxSecretFileBytes);
  if (!content) return Refuse(index, origin.place, content.error().message);
  if (files_.ReadableByAll(path)) {
    diagnostics_->Warning(origin.place, "%s: every user of this machine can read %s (cure: chmod 600)",
                          std::string(settings_->keys_[index].name).c_str(), path.c_str());
  }
  // Editors and echo end the last line; it is no part of a password.
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  if (content->empty()) return Refuse(index, origin.place, path + " is empty");
  origin.file = path;
  ReadText(index, *content, origin);
}

void SettingsReader::Refuse(size_t index, const Place& place, const std::string& problem) {
  settings_->slots_[index].refused = true;
  diagnostics_->Error(place, "%s: %s", std::string(settings_->keys_[index].name).c_str(), problem.c_str());
}

void SettingsReader::RefuseUnknown(const YamlMember& member, const std::string& prefix) {
  const std::vector<std::string> names = NamesAt(prefix);
  std::string cure(Suggest(member.name, {names.begin(), names.end()}));
  if (cure.empty()) {
    // Right name, wrong level?
    const auto ends_so = [&](const Key& key) { return key.name.ends_with("." + member.name); };
    const auto found = std::find_if(settings_->keys_.begin(), settings_->keys_.end(), ends_so);
    if (found != settings_->keys_.end()) cure = found->name;
  }
  if (cure.empty()) {
    diagnostics_->Error(member.place, "unknown key '%s%s'", prefix.c_str(), member.name.c_str());
  } else {
    diagnostics_->Error(member.place, "unknown key '%s%s' (did you mean '%s'?)", prefix.c_str(),
                        member.name.c_str(), cure.c_str());
  }
}

std::vector<std::string> SettingsReader::NamesAt(const std::string& prefix) const {
  std::set<std::string> names;
  for (const Key& key : settings_->keys_) {
    if (!key.name.starts_with(prefix)) continue;
    const std::string_view rest = key.name.substr(prefix.size());
    names.emplace(rest.substr(0, rest.find('.')));
    const bool is_here = rest.find('.') == std::string_view::npos;
    if (key.secret && is_here) names.insert(std::string(rest).append(kFileSuffix));
  }
  return {names.begin(), names.end()};
}

void SettingsReader::ReadEnvironment(const Environment& environment) {
  for (size_t i = 0; i < settings_->keys_.size(); ++i) {
    const Key& key = settings_->keys_[i];
    const Variable* variable = FindVariable(environment, key.environment);
    const Variable* file =
        key.secret && !key.environment.empty()
            ? FindVariable(environment, std::string(key.environment).append(kVariableFileSuffix))
            : nullptr;
    if (variable != nullptr && file != nullptr) {
      diagnostics_->Error(file->place, "%s is set as well; keep one of the two",
                          std::string(key.environment).c_str());
    } else if (file != nullptr) {
      ReadSecretFile(i, file->value, {Origin::Source::kEnvironment, file->place, {}});
    } else if (variable != nullptr && key.type == ValueType::kCustom) {
      settings_->slots_[i].origin = {Origin::Source::kEnvironment, variable->place, {}};
    } else if (variable != nullptr) {
      ReadText(i, variable->value, {Origin::Source::kEnvironment, variable->place, {}});
    }
  }
  WarnOfNearMisses(environment);
}

// Other programs share the environment, so an unknown name is no error; one that is nearly ours is
// worth a word.
void SettingsReader::WarnOfNearMisses(const Environment& environment) {
  std::vector<std::string> known;
  for (const Key& key : settings_->keys_) {
    if (key.environment.empty()) continue;
    known.emplace_back(key.environment);
    if (key.secret) known.push_back(std::string(key.environment).append(kVariableFileSuffix));
  }
  for (const auto& [name, variable] : environment) {
    if (!name.starts_with("PICKET_") && !name.starts_with("KAFKA_")) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    constexpr size_t kMaxEdits = 2;
    const std::string near(Suggest(name, {known.begin(), known.end()}, kMaxEdits));
    if (!near.empty()) {
      diagnostics_->Warning(variable.place, "%s is not known and has no effect (did you mean %s?)",
                            name.c_str(), near.c_str());
    }
  }
}

void SettingsReader::ReadFlag(const FlagValue& flag) {
  const Origin origin{Origin::Source::kFlag, {"flag " + flag.flag}, {}};
  for (size_t i = 0; i < settings_->keys_.size(); ++i) {
    if (settings_->keys_[i].name == flag.key) return ReadText(i, flag.value, origin);
  }
  diagnostics_->Error(origin.place, "there is no key '%s'", flag.key.c_str());
}

}  // namespace picket
