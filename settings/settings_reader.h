// Fills Settings from one source after the other. Behind LoadSettings; programs do not use it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.h"

namespace picket {

class SettingsReader {
 public:
  SettingsReader(Settings* settings, const ConfigFiles& files, Diagnostics* diagnostics)
      : settings_(settings), files_(files), diagnostics_(diagnostics) {}

  // `prefix`: path of the mapping with a dot at its end, empty at the top.
  void ReadMapping(const YamlNode& mapping, const std::string& prefix);
  void ReadEnvironment(const Environment& environment);
  void ReadFlag(const FlagValue& flag);

 private:
  void ReadMember(const YamlMember& member, const std::string& path);
  void ReadNode(size_t index, const YamlNode& node);
  void ReadList(size_t index, const YamlNode& node);
  void ReadMap(size_t index, const YamlNode& node);
  void ReadText(size_t index, std::string_view text, const Origin& origin);
  void ReadSecretFile(size_t index, const std::string& path, Origin origin);
  // The value of a key is wrong: it stays as it is.
  void Refuse(size_t index, const Place& place, const std::string& problem);
  void RefuseUnknown(const YamlMember& member, const std::string& prefix);
  // Names that may stand in the mapping at `prefix`.
  std::vector<std::string> NamesAt(const std::string& prefix) const;
  void WarnOfNearMisses(const Environment& environment);

  Settings* const settings_;
  const ConfigFiles& files_;
  Diagnostics* const diagnostics_;
};

}  // namespace picket
