#include "agent/keeper/keeper_parts.h"

namespace picket {

void KeeperParts::BufferTrouble(const Error& error, const std::string& meanwhile) {
  const char* kind = "buffer_io";
  ++metrics.spool_errors;
  if (error.code == ErrorCode::kResourceExhausted) {
    kind = "buffer_full";
    ++metrics.spool_full;
  } else if (error.code == ErrorCode::kPermission) {
    kind = "buffer_permission";
    ++metrics.spool_refused;
  }
  health.ComplainAs("buffer", kind, error.message + ": " + BufferCure(error.code) + "; " + meanwhile);
}

}  // namespace picket
