// What the consumer needs of PostgreSQL.
#pragma once

#include <string>

#include "consumer/store/connection.h"
#include "doctor/budget.h"
#include "doctor/report.h"
#include "port/clock.h"

namespace picket {

// An area "database": reach and login, version, TLS, time, durability, permissions, schema, partitions of
// today and tomorrow. Changes nothing: what would be made is asked as a permission.
void CheckDatabase(const std::string& url, const Clock& clock, const Budget& budget, Report* report);

}  // namespace picket
