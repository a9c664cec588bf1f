#include "agent/cli/identity.h"

#include <algorithm>

#include "port/files.h"

namespace picket {
namespace {

constexpr size_t kUuidLength = 36;

bool LooksLikeUuid(const std::string& text) {
  return text.size() == kUuidLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
         });
}

}  // namespace

Expected<std::string> ResolveAgentId(const std::string& configured, const std::string& directory,
                                     Entropy& entropy, Logger& logger) {
  if (!configured.empty()) return configured;
  const std::string path = directory + "/picket.agent-id";
  auto stored = ReadFile(path, 256);
  if (stored) {
    std::string id = stored->substr(0, stored->find('\n'));
    if (LooksLikeUuid(id)) return id;
    return Fail(ErrorCode::kCorrupt, "%s does not hold an agent id (a UUID): remove it, or set 'agent' in the configuration",
                path.c_str());
  }
  if (stored.error().code != ErrorCode::kNotFound) return std::unexpected(std::move(stored).error());

  auto id = RandomUuid(entropy);
  if (!id) return id;
  Status written = MakeDirectories(directory);
  if (written) written = WriteFileAtomically(path, *id + "\n");
  if (!written) {
    return std::unexpected(Error{written.error().code, written.error().message +
                                     ": the agent needs an id that lasts; set 'agent' in the configuration "
                                     "(or PICKET_AGENT), or make the directory writable"});
  }
  logger.Info("config", "first start: agent id %s, kept in %s", id->c_str(), path.c_str());
  return id;
}

}  // namespace picket
