#include "port/entropy.h"

#include <gtest/gtest.h>

#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

class Constant : public Entropy {
 public:
  explicit Constant(uint8_t byte) : byte_(byte) {}
  Status Fill(std::span<uint8_t> out) override {
    std::fill(out.begin(), out.end(), byte_);
    return {};
  }

 private:
  const uint8_t byte_;
};

TEST(RandomEpoch, IsPositiveAndFitsBigint) {
  Constant ones(0xff);
  EXPECT_EQ(RandomEpoch(ones).value(), uint64_t{INT64_MAX});
}

TEST(RandomEpoch, RefusesASourceOfZeros) {
  Constant zeros(0);
  EXPECT_EQ(RandomEpoch(zeros).error().code, ErrorCode::kInternal);
}

TEST(RandomEpoch, SaysWhenThePoolIsNotReady) {
  FakeEntropy entropy;
  entropy.not_ready = 1;
  EXPECT_EQ(RandomEpoch(entropy).error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(RandomEpoch(entropy));
}

TEST(RandomUuid, HasVersionAndVariant) {
  Constant ones(0xff);
  EXPECT_EQ(RandomUuid(ones).value(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_NE(RandomUuid(SystemEntropy()).value(), RandomUuid(SystemEntropy()).value());
}

}  // namespace
}  // namespace picket
