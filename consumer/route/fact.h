// The status stream: what an agent says about its own lanes. docs/consumer.md lists the facts.
#pragma once

#include "consumer/route/records.h"
#include "port/error.h"
#include "record/envelope.h"
#include "record/json_reader.h"

namespace picket {

// `root` is the parsed message and `identity` what was read from it. A fact of an unknown kind is empty news:
// newer agents may say more. kCorrupt names the member that is missing or wrong.
Expected<Fact> ReadFact(const JsonValue& root, const MessageIdentity& identity);

}  // namespace picket
