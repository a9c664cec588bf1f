#include "settings/settings.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "settings/settings_reader.h"

namespace picket {
namespace {

[[noreturn]] void AbortOn(std::string_view key, const char* problem) {
  std::fprintf(stderr, "settings: key '%.*s' %s\n", static_cast<int>(key.size()), key.data(), problem);
  std::abort();
}

KeyValue EmptyValue(ValueType type) {
  switch (type) {
    case ValueType::kText:
    case ValueType::kFile:
    case ValueType::kChoice:
      return std::string();
    case ValueType::kBool:
      return false;
    case ValueType::kInteger:
    case ValueType::kDuration:
    case ValueType::kSize:
      return int64_t{0};
    case ValueType::kTextList:
      return std::vector<std::string>();
    case ValueType::kTextMap:
      return std::map<std::string, std::string>();
    case ValueType::kCustom:
      break;
  }
  return static_cast<const YamlNode*>(nullptr);
}

template <typename T>
const T& Get(const KeyValue& value, std::string_view key) {
  const T* held = std::get_if<T>(&value);
  if (held == nullptr) AbortOn(key, "is of another type");
  return *held;
}

// Reads the config file; no value when something is wrong with it. *found: whether there is one.
std::optional<YamlNode> ReadConfigFile(const SettingsSources& sources, bool* found,
                                       Diagnostics* diagnostics) {
  const Place place{sources.config_path};
  const Expected<std::string> text = sources.files->Read(sources.config_path, kMaxYamlBytes);
  if (!text) {
    *found = text.error().code != ErrorCode::kNotFound;
    if (*found || sources.config_must_exist) diagnostics->Error(place, "%s", text.error().message.c_str());
    return std::nullopt;
  }
  std::optional<YamlNode> root = ParseYaml(*text, sources.config_path, diagnostics);
  if (root && root->kind != YamlNode::Kind::kMapping && root->kind != YamlNode::Kind::kNull) {
    diagnostics->Error(root->place, "a mapping of keys must stand here, not %s", root->KindName());
    return std::nullopt;
  }
  return root;
}

}  // namespace

Settings::Settings(std::span<const Key> keys) : keys_(keys) {
  slots_.reserve(keys.size());
  for (const Key& key : keys) {
    Slot slot{.value = EmptyValue(key.type), .origin = {}, .entries = {}};
    if (!key.fallback.empty()) {
      Expected<KeyValue> value = ParseKeyValue(key, key.fallback);
      if (!value) AbortOn(key.name, "has a default that it refuses");
      slot.value = *std::move(value);
    }
    slots_.push_back(std::move(slot));
  }
}

size_t Settings::IndexOf(std::string_view key) const {
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].name == key) return i;
  }
  AbortOn(key, "is not in the table");
}

const Settings::Slot& Settings::Find(std::string_view key) const {
  return slots_[IndexOf(key)];
}

const std::string& Settings::Text(std::string_view key) const {
  return Get<std::string>(Find(key).value, key);
}
bool Settings::Bool(std::string_view key) const {
  return Get<bool>(Find(key).value, key);
}
int64_t Settings::Integer(std::string_view key) const {
  return Get<int64_t>(Find(key).value, key);
}

std::chrono::milliseconds Settings::Duration(std::string_view key) const {
  static_assert(std::chrono::milliseconds::max().count() == kUnlimited);
  return std::chrono::milliseconds(Integer(key));
}

const std::vector<std::string>& Settings::List(std::string_view key) const {
  return Get<std::vector<std::string>>(Find(key).value, key);
}

const std::map<std::string, std::string>& Settings::Map(std::string_view key) const {
  return Get<std::map<std::string, std::string>>(Find(key).value, key);
}

const YamlNode* Settings::Node(std::string_view key) const {
  return Get<const YamlNode*>(Find(key).value, key);
}

std::vector<std::string_view> Settings::Differences(const Settings& other) const {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].type == ValueType::kCustom) continue;
    if (slots_[i].value != other.Find(keys_[i].name).value) names.push_back(keys_[i].name);
  }
  return names;
}

void Settings::Adopt(std::string_view key, const Settings& other) {
  Slot& slot = slots_[IndexOf(key)];
  // Its subtree lives in the other's document.
  if (std::holds_alternative<const YamlNode*>(slot.value)) AbortOn(key, "cannot be taken over");
  slot = other.Find(key);
}

bool Settings::IsSet(std::string_view key) const {
  return OriginOf(key).source != Origin::Source::kDefault;
}

bool Settings::WasRefused(std::string_view key) const {
  return Find(key).refused;
}

const Origin& Settings::OriginOf(std::string_view key) const {
  return Find(key).origin;
}

Place Settings::PlaceOfEntry(std::string_view key, std::string_view entry) const {
  const Slot& slot = Find(key);
  const auto found = slot.entries.find(entry);
  return found == slot.entries.end() ? slot.origin.place : found->second;
}

Settings LoadSettings(std::span<const Key> keys, const SettingsSources& sources, Diagnostics* diagnostics) {
  Settings settings(keys);
  SettingsReader reader(&settings, *sources.files, diagnostics);
  // What a file that cannot be read would have set is not known: nothing of it counts as missing.
  const auto refuse_all = [&settings] {
    for (Settings::Slot& slot : settings.slots_) slot.refused = true;
  };

  bool found = !sources.config_path.empty();
  std::optional<YamlNode> root = found ? ReadConfigFile(sources, &found, diagnostics) : std::nullopt;
  if (!root && diagnostics->HasErrors()) refuse_all();
  for (Settings::Slot& slot : settings.slots_)
    slot.origin.place = {found ? sources.config_path : "configuration"};
  if (root) {
    settings.document_ = std::make_shared<const YamlNode>(*std::move(root));
    reader.ReadMapping(*settings.document_, "");
  }

  settings.environment_ = sources.environment;
  if (!sources.env_file.empty()) {
    if (const Expected<std::string> text = sources.files->Read(sources.env_file, kMaxEnvFileBytes)) {
      AddEnvFile(*text, sources.env_file, &settings.environment_, diagnostics);
    } else {
      diagnostics->Error({sources.env_file}, "%s", text.error().message.c_str());
      refuse_all();
    }
  }
  reader.ReadEnvironment(settings.environment_);
  for (const FlagValue& flag : sources.flags) reader.ReadFlag(flag);

  // A secret in a file that everyone can read is none.
  for (size_t i = 0; i < keys.size(); ++i) {
    const Origin& origin = settings.slots_[i].origin;
    const bool written_here = origin.source == Origin::Source::kFile && origin.file.empty();
    if (keys[i].secret && written_here && sources.files->ReadableByAll(sources.config_path)) {
      diagnostics->Warning(origin.place,
                           "%s: every user of this machine can read this file (cure: chmod 600)",
                           std::string(keys[i].name).c_str());
    }
  }
  return settings;
}

Settings ReadMapping(std::span<const Key> keys, const YamlNode& mapping, const ConfigFiles& files,
                     Diagnostics* diagnostics) {
  Settings settings(keys);
  for (Settings::Slot& slot : settings.slots_) slot.origin.place = mapping.place;
  SettingsReader(&settings, files, diagnostics).ReadMapping(mapping, "");
  return settings;
}

}  // namespace picket
