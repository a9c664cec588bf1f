// The audit's input, from PostgreSQL.
#pragma once

#include "consumer/report/audit.h"
#include "consumer/store/connection.h"
#include "port/error.h"

namespace picket {

// One snapshot of all tables; counts the rows of `result`, so it takes time on a large one.
Expected<AuditInput> ReadAuditInput(Connection& connection);

}  // namespace picket
