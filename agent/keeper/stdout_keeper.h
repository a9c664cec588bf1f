// The keeper of `picket run --stdout`: checks and stamps probes as the real one does and prints the messages,
// one JSON object a line. No window, no spool, no Kafka.
#pragma once

#include <memory>

#include "agent/keeper/keeper.h"

namespace picket {

// As Keeper::Start. Writes to file descriptor 1 on a thread of its own; a reader that does not read makes the
// queue full and due probes skipped. options.on_output_closed runs once when writing fails (EPIPE: the reader
// is gone).
Expected<std::unique_ptr<Keeper>> StartStdoutKeeper(KeeperOptions options, const Clock& clock,
                                                    Entropy& entropy, Logger& logger);

}  // namespace picket
