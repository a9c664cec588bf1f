#include "consumer/store/result_rows.h"

namespace picket {

const char kCopyResults[] =
    "COPY result (ts, seq, cert_not_after, claimed_at, lane_id, site_id, verdict_id, response_ms, dns_ms, "
    "connect_ms,"
    " tls_ms, ttfb_ms, transfer_ms, bytes, status_code, redirects, attempts, regex_check, ip, error_detail)"
    " FROM STDIN (FORMAT binary)";

namespace {

constexpr int16_t kColumns = 20;

// The decoder has checked that values fit their columns.
void Time(const std::optional<WallTime>& time, CopyBuffer* out) {
  time ? out->Timestamp(*time) : out->Null();
}
void Milliseconds(const std::optional<double>& value, CopyBuffer* out) {
  value ? out->Float4(static_cast<float>(*value)) : out->Null();
}
void Small(const std::optional<int32_t>& value, CopyBuffer* out) {
  value ? out->Int2(static_cast<int16_t>(*value)) : out->Null();
}

}  // namespace

void AppendResultRow(const ProbeRow& row, uint64_t seq, const ResultKeys& keys, CopyBuffer* out) {
  const ProbeFields& fields = row.fields;
  out->BeginRow(kColumns);
  out->Timestamp(row.ts);
  out->Int8(static_cast<int64_t>(seq));
  Time(fields.cert_not_after, out);
  Time(row.claimed, out);
  out->Int4(keys.lane_id);
  out->Int4(keys.site_id);
  out->Int4(keys.verdict_id);
  Milliseconds(fields.response_time_ms, out);
  Milliseconds(fields.phases.dns_ms, out);
  Milliseconds(fields.phases.connect_ms, out);
  Milliseconds(fields.phases.tls_ms, out);
  Milliseconds(fields.phases.ttfb_ms, out);
  Milliseconds(fields.phases.transfer_ms, out);
  fields.bytes ? out->Int4(static_cast<int32_t>(*fields.bytes)) : out->Null();
  Small(fields.status_code, out);
  Small(fields.redirects, out);
  Small(fields.attempts, out);
  fields.regex_check ? out->Bool(*fields.regex_check) : out->Null();
  row.ip ? out->Inet(*row.ip) : out->Null();
  fields.error_detail ? out->Text(*fields.error_detail) : out->Null();
}

}  // namespace picket
