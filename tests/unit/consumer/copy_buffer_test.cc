#include "consumer/store/copy_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

// What follows the 19 bytes of the header.
std::string BodyOf(CopyBuffer& buffer) {
  return std::string(buffer.Finish().substr(19));
}

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

TEST(CopyBuffer, AnEmptyCopyIsHeaderAndTrailer) {
  CopyBuffer buffer;
  const std::string_view all = buffer.Finish();
  EXPECT_EQ(all.substr(0, 11), std::string_view("PGCOPY\n\377\r\n\0", 11));
  EXPECT_EQ(all.substr(11), std::string_view("\0\0\0\0\0\0\0\0\377\377", 10));
}

TEST(CopyBuffer, NumbersAreInNetworkOrder) {
  CopyBuffer buffer;
  buffer.BeginRow(4);
  buffer.Int2(-2);
  buffer.Int4(0x01020304);
  buffer.Int8(5);
  buffer.Float4(1.5F);
  EXPECT_EQ(BodyOf(buffer),
            Bytes({0, 4, 0, 0, 0, 2, 0xFF, 0xFE, 0, 0, 0, 4, 1, 2,    3,    4, 0, 0,    0,
                   8, 0, 0, 0, 0, 0, 0,    0,    5, 0, 0, 0, 4, 0x3F, 0xC0, 0, 0, 0xFF, 0xFF}));
}

TEST(CopyBuffer, NullHasLengthMinusOne) {
  CopyBuffer buffer;
  buffer.BeginRow(1);
  buffer.Null();
  EXPECT_EQ(BodyOf(buffer), Bytes({0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));
}

TEST(CopyBuffer, TimeBeginsIn2000) {
  CopyBuffer buffer;
  buffer.Timestamp({946'684'800'000'007});
  EXPECT_EQ(BodyOf(buffer), Bytes({0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0xFF, 0xFF}));
}

TEST(CopyBuffer, AnAddressSaysItsFamily) {
  CopyBuffer buffer;
  buffer.Inet({.bytes = {192, 0, 2, 1}, .length = 4});
  EXPECT_EQ(BodyOf(buffer), Bytes({0, 0, 0, 8, 2, 32, 0, 4, 192, 0, 2, 1, 0xFF, 0xFF}));
}

}  // namespace
}  // namespace picket
