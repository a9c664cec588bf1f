// The bytes of COPY ... (FORMAT binary): https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "consumer/route/records.h"
#include "port/clock.h"

namespace picket {

// Fields are appended in the order of the columns; all integers in network byte order.
class CopyBuffer {
 public:
  CopyBuffer();  // with the header

  void BeginRow(int16_t columns);
  void Null();
  void Int2(int16_t value);
  void Int4(int32_t value);
  void Int8(int64_t value);
  void Float4(float value);
  void Bool(bool value);
  void Text(std::string_view text);
  // timestamptz: microseconds from 2000-01-01.
  void Timestamp(WallTime time);
  void Inet(const IpAddress& ip);

  // With the trailer; nothing may be appended after. Lives as long as the buffer.
  std::string_view Finish();

 private:
  void Raw16(uint16_t value);
  void Raw32(uint32_t value);
  void Raw64(uint64_t value);

  std::string bytes_;
};

}  // namespace picket
