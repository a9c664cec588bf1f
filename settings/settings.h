// Values of a table of keys, read from defaults, file, environment and flags in this order: the later goes
// before the earlier. Use:
//
//   Diagnostics diagnostics;
//   const Settings settings = LoadSettings(ConsumerKeys(), sources, &diagnostics);
//   config.batch.wait = settings.Duration("batch.wait");
//   ... checks across keys: diagnostics.Error(settings.PlaceOf("batch.wait"), "...");
//   if (Status ok = diagnostics.Result(); !ok) return std::unexpected(ok.error());
//
// A value that is wrong is reported and left at its default, so that reading goes on and finds the rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings/diagnostics.h"
#include "settings/environment.h"
#include "settings/files.h"
#include "settings/key_value.h"
#include "settings/keys.h"
#include "settings/yaml.h"

namespace picket {

// Where a value comes from.
struct Origin {
  enum class Source : uint8_t { kDefault, kFile, kEnvironment, kFlag };
  Source source = Source::kDefault;
  Place place;       // of the value
  std::string file;  // of a secret read from a file: its path
};

struct FlagValue {
  std::string key;  // a key of the table
  std::string value;
  std::string flag;  // "--listen", for messages
};

struct SettingsSources {
  std::string config_path;        // empty: none
  bool config_must_exist = true;  // false for the default path: then a missing file is no error
  std::string env_file;           // empty: none
  Environment environment;        // ReadProcessEnvironment(environ)
  std::vector<FlagValue> flags;
  const ConfigFiles* files = &SystemConfigFiles();
};

// Holds a value for each key of its table. Asking for a key that is not in the table, or for one of
// another type, is a bug and aborts.
class Settings {
 public:
  // All at their defaults. `keys` must outlive the settings, as must what they point to.
  explicit Settings(std::span<const Key> keys);

  const std::string& Text(std::string_view key) const;  // kText, kFile, kChoice, secrets
  bool Bool(std::string_view key) const;
  int64_t Integer(std::string_view key) const;                     // kInteger, kSize; kUnlimited for the word
  std::chrono::milliseconds Duration(std::string_view key) const;  // milliseconds::max() for the word
  const std::vector<std::string>& List(std::string_view key) const;
  const std::map<std::string, std::string>& Map(std::string_view key) const;
  // The subtree of a kCustom key, nullptr when the file has none.
  const YamlNode* Node(std::string_view key) const;

  // True when file, environment or a flag gave it a value.
  bool IsSet(std::string_view key) const;
  // True when the last source that gave it a value gave a wrong one, or a file that may have given it one
  // cannot be read. Either is reported: that it is missing need not be.
  bool WasRefused(std::string_view key) const;
  const Origin& OriginOf(std::string_view key) const;
  // Where it was written; for a default the file as a whole, or the mapping for ReadMapping.
  const Place& PlaceOf(std::string_view key) const { return OriginOf(key).place; }
  // Of an entry of a list or map, or of the key when it has no place of its own.
  Place PlaceOfEntry(std::string_view key, std::string_view entry) const;

  std::span<const Key> Keys() const { return keys_; }
  // Keys of the table whose values differ in `other`, which has the same table; a kCustom key is not
  // compared. Values count, not where they come from: a secret in another file may be the same.
  std::vector<std::string_view> Differences(const Settings& other) const;
  // Takes over the value of a key, and where it comes from. Not for kCustom keys.
  void Adopt(std::string_view key, const Settings& other);
  // Variables as read, env file included: for what the program reads itself (WEBSITES).
  const Environment& Variables() const { return environment_; }

 private:
  friend class SettingsReader;
  friend Settings LoadSettings(std::span<const Key> keys, const SettingsSources& sources,
                               Diagnostics* diagnostics);
  friend Settings ReadMapping(std::span<const Key> keys, const YamlNode& mapping, const ConfigFiles& files,
                              Diagnostics* diagnostics);
  struct Slot {
    KeyValue value;
    Origin origin;
    std::map<std::string, Place, std::less<>> entries;  // of a list or map
    bool refused = false;
  };
  const Slot& Find(std::string_view key) const;
  size_t IndexOf(std::string_view key) const;

  std::span<const Key> keys_;
  std::vector<Slot> slots_;  // beside keys_
  std::shared_ptr<const YamlNode> document_;
  Environment environment_;
};

// Reads all sources. Unknown keys, wrong types, values out of range and unreadable files are errors in
// *diagnostics; so are variables that are wrong. A variable that is nearly one of the table's, and a secret
// in a file that everyone can read, are warnings.
Settings LoadSettings(std::span<const Key> keys, const SettingsSources& sources, Diagnostics* diagnostics);

// Reads one mapping of a kCustom subtree (an entry of "sites") by a table of its own, no environment.
Settings ReadMapping(std::span<const Key> keys, const YamlNode& mapping, const ConfigFiles& files,
                     Diagnostics* diagnostics);

}  // namespace picket
