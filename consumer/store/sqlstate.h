// What an SQLSTATE means for us: https://www.postgresql.org/docs/15/errcodes-appendix.html
#pragma once

#include <string_view>

#include "port/error.h"

namespace picket {

// See Connection for the codes. `state` has five characters.
ErrorCode CodeOfSqlState(std::string_view state);

// What an operator can do about it, to go behind a colon; empty when there is nothing to say.
std::string_view CureOfSqlState(std::string_view state);

}  // namespace picket
