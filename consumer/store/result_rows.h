// Rows of table `result`: the one place where its columns are listed for COPY.
#pragma once

#include <cstdint>

#include "consumer/route/records.h"
#include "consumer/store/copy_buffer.h"

namespace picket {

extern const char kCopyResults[];  // the statement

// The numbers that stand for a row's lane, site and verdict.
struct ResultKeys {
  int32_t lane_id = 0;
  int32_t site_id = 0;
  int32_t verdict_id = 0;
};

void AppendResultRow(const ProbeRow& row, uint64_t seq, const ResultKeys& keys, CopyBuffer* out);

}  // namespace picket
