// Clock, entropy and logger that a test owns.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "port/clock.h"
#include "port/entropy.h"
#include "port/log.h"

namespace picket {

class FakeClock : public Clock {
 public:
  WallTime Wall() const override { return wall; }
  BootTime Boot() const override { return boot; }
  const std::string& BootId() const override { return boot_id; }

  // Both clocks move: time passes.
  void Advance(std::chrono::microseconds by) {
    wall.us += by.count();
    boot = boot + by;
  }
  // Only the wall clock moves: somebody set it.
  void Step(std::chrono::microseconds by) { wall.us += by.count(); }

  WallTime wall{1'795'000'000'000'000};  // November 2026
  BootTime boot{std::chrono::seconds(100)};
  std::string boot_id = "11111111-2222-4333-8444-555555555555";
};

// Counts up, so that every draw differs and a test can predict it.
class FakeEntropy : public Entropy {
 public:
  Status Fill(std::span<uint8_t> out) override {
    if (not_ready > 0) {
      --not_ready;
      return picket::Fail(ErrorCode::kUnavailable, "the kernel has no entropy yet");
    }
    std::fill(out.begin(), out.end(), uint8_t{0});
    if (!out.empty()) out.back() = next++;
    return {};
  }

  uint8_t next = 1;
  int not_ready = 0;  // how many calls fail before the pool is ready
};

// Keeps the lines: "level component text".
class FakeLogger : public Logger {
 public:
  bool Enabled(LogLevel) const override { return true; }
  void Write(LogLevel level, const char* component, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(LogLevelName(level)) + " " + component + " " + std::string(text));
  }
  std::vector<std::string> Lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // How many lines contain `part`.
  size_t Count(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count_if(lines_.begin(), lines_.end(), [part](const std::string& line) {
      return line.find(part) != std::string::npos;
    }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace picket
