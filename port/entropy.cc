#include "port/entropy.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <cstdio>

namespace picket {
namespace {

class KernelEntropy : public Entropy {
 public:
  Status Fill(std::span<uint8_t> out) override {
    while (!out.empty()) {
      const ssize_t n = getrandom(out.data(), out.size(), GRND_NONBLOCK);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) {
        return Fail(ErrorCode::kUnavailable, "the kernel has no entropy yet (early in the boot)");
      }
      if (n < 0) return Fail(ErrorCode::kIo, "getrandom: %s", strerror(errno));
      out = out.subspan(static_cast<size_t>(n));
    }
    return {};
  }
};

}  // namespace

Entropy& SystemEntropy() {
  static KernelEntropy entropy;
  return entropy;
}

Expected<uint64_t> RandomEpoch(Entropy& entropy) {
  // 0 means "no epoch". Drawing it by chance is a sign of a broken source, not of luck: three tries.
  for (int attempt = 0; attempt < 3; ++attempt) {
    uint8_t bytes[8];
    if (auto filled = entropy.Fill(bytes); !filled) return std::unexpected(std::move(filled).error());
    uint64_t value = 0;
    for (uint8_t byte : bytes) value = value << 8 | byte;
    value &= UINT64_MAX >> 1;
    if (value != 0) return value;
  }
  return Fail(ErrorCode::kInternal, "the random source gives only zeros");
}

Expected<std::string> RandomUuid(Entropy& entropy) {
  uint8_t b[16];
  if (auto filled = entropy.Fill(b); !filled) return std::unexpected(std::move(filled).error());
  b[6] = static_cast<uint8_t>((b[6] & 0x0f) | 0x40);  // version 4
  b[8] = static_cast<uint8_t>((b[8] & 0x3f) | 0x80);  // variant of RFC 9562
  char text[37];
  snprintf(text, sizeof text, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
           b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
  return std::string(text);
}

}  // namespace picket
