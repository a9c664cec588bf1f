#include "consumer/store/copy_buffer.h"

#include <bit>

namespace picket {
namespace {

// Signature, no flags, no header extension.
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

constexpr int64_t kPostgresEpochUs = 946'684'800'000'000;  // 2000-01-01T00:00:00Z in Unix time

// From PostgreSQL's inet.h: not those of the machine.
constexpr char kFamilyIpv4 = 2;
constexpr char kFamilyIpv6 = 3;

}  // namespace

CopyBuffer::CopyBuffer() : bytes_(kHeader) {}

void CopyBuffer::Raw16(uint16_t value) {
  const char raw[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
  bytes_.append(raw, sizeof raw);
}

void CopyBuffer::Raw32(uint32_t value) {
  Raw16(static_cast<uint16_t>(value >> 16));
  Raw16(static_cast<uint16_t>(value));
}

void CopyBuffer::Raw64(uint64_t value) {
  Raw32(static_cast<uint32_t>(value >> 32));
  Raw32(static_cast<uint32_t>(value));
}

void CopyBuffer::BeginRow(int16_t columns) {
  Raw16(static_cast<uint16_t>(columns));
}
void CopyBuffer::Null() {
  Raw32(0xFFFFFFFF);
}

void CopyBuffer::Int2(int16_t value) {
  Raw32(2);
  Raw16(static_cast<uint16_t>(value));
}

void CopyBuffer::Int4(int32_t value) {
  Raw32(4);
  Raw32(static_cast<uint32_t>(value));
}

void CopyBuffer::Int8(int64_t value) {
  Raw32(8);
  Raw64(static_cast<uint64_t>(value));
}

void CopyBuffer::Float4(float value) {
  Raw32(4);
  Raw32(std::bit_cast<uint32_t>(value));
}

void CopyBuffer::Bool(bool value) {
  Raw32(1);
  bytes_.push_back(value ? 1 : 0);
}

void CopyBuffer::Text(std::string_view text) {
  Raw32(static_cast<uint32_t>(text.size()));
  bytes_.append(text);
}

void CopyBuffer::Timestamp(WallTime time) {
  Int8(time.us - kPostgresEpochUs);
}

void CopyBuffer::Inet(const IpAddress& ip) {
  Raw32(4u + ip.length);
  bytes_.push_back(ip.length == 4 ? kFamilyIpv4 : kFamilyIpv6);
  bytes_.push_back(static_cast<char>(ip.length * 8));  // netmask: one host
  bytes_.push_back(0);                                 // not a cidr
  bytes_.push_back(static_cast<char>(ip.length));
  bytes_.append(reinterpret_cast<const char*>(ip.bytes), ip.length);
}

std::string_view CopyBuffer::Finish() {
  Raw16(0xFFFF);
  return bytes_;
}

}  // namespace picket
