// Replies of the control socket for people.
#pragma once

#include <string>

#include "record/json_reader.h"

namespace picket {

// Of a success (see ReadReply). Members that are missing, as an older agent may leave them, come out as "?".
std::string StatusText(const JsonValue& reply);
std::string BufferStatsText(const JsonValue& reply);
std::string ReloadText(const JsonValue& reply);

}  // namespace picket
