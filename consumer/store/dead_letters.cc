#include "consumer/store/dead_letters.h"

#include <string>
#include <string_view>
#include <vector>

#include "port/clock.h"
#include "record/utf8.h"

namespace picket {
namespace {

// What PostgreSQL's text can hold: UTF-8 without U+0000.
std::string StorableText(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = text.front() == '\0' ? 0 : Utf8SequenceLength(text);
    if (length == 0) {
      AppendUtf8(0xFFFD, &out);
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

Param Bytes(const std::optional<std::string>& bytes) {
  return bytes ? Param(ByteaLiteral(*bytes)) : std::nullopt;
}

}  // namespace

Status InsertDeadLetter(Connection& connection, const Record& record, const Advance& partition,
                        std::optional<int32_t> lane_id) {
  const DeadLetter& letter = std::get<DeadLetter>(record.content);
  std::vector<Param> names, values;
  for (const auto& [name, value] : letter.headers) {
    names.push_back(StorableText(name));
    values.push_back(Bytes(value));
  }
  Param lane, seq;
  if (lane_id && record.id) {
    lane = std::to_string(*lane_id);
    seq = std::to_string(record.id->seq);
  }
  const Expected<QueryResult> done = connection.Run(
      "INSERT INTO dead_letter (topic, topic_id, partition, kafka_offset, reason, lane_id, seq, key, payload,"
      " header_names, header_values, appended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
      " ON CONFLICT DO NOTHING",
      {partition.partition.topic, partition.topic_id, std::to_string(partition.partition.partition),
       std::to_string(record.offset), StorableText(letter.reason), lane, seq, Bytes(letter.key),
       Bytes(letter.payload), ArrayLiteral(names), ArrayLiteral(values),
       FormatTimestamp(record.append_time)});
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace picket
