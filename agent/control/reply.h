// What every reply on the control socket has in common.
#pragma once

#include <functional>
#include <string>

#include "port/error.h"
#include "record/json_reader.h"
#include "record/json_writer.h"

namespace picket {

// Goes up when a member changes its meaning or goes away; new members may come at any time.
inline constexpr int kControlFormat = 1;

// {"format":1,"ok":true, and what `members` writes.
std::string SuccessReply(const std::function<void(JsonWriter& json)>& members);

// {"format":1,"ok":false,"error":{"kind":"configuration","text":"..."}}
std::string FailureReply(const Error& error);

// A reply as its reader has it: the object when it is a success, the agent's error when it is none. kCorrupt:
// no reply; kUnsupported: of another format. `text` and *document must outlive the value.
Expected<JsonValue> ReadReply(std::string_view text, JsonDocument* document);

}  // namespace picket
