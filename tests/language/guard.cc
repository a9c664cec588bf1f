// The part of C++23 and of its library that picket is written in. gcc 12, clang 19 (with libstdc++) and zig (with
// libc++) must all compile and run this; test_language.py sees to it, and that the code includes nothing else.
// Not here, as gcc 12 has none: <format>, <print>, and_then and its like of std::expected, std::ranges::contains.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cinttypes>
#include <cmath>
#include <compare>
#include <condition_variable>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <expected>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <queue>
#include <set>
#include <source_location>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace {

struct Error {
  int code = 0;
  std::string message;
};

template <typename T>
using Expected = std::expected<T, Error>;
using Status = Expected<void>;

struct Limits {
  std::string_view name;
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();
  auto operator<=>(const Limits&) const = default;
};

Expected<int64_t> Parse(std::string_view text, const Limits& limits) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::unexpected(Error{.code = EINVAL, .message = std::string(text) + " is no number"});
  }
  if (number < limits.min || number > limits.max) {
    return std::unexpected(Error{.code = ERANGE, .message = std::string(limits.name)});
  }
  return number;
}

Status Check(std::string_view text) {
  const auto port = Parse(text, {.name = "port", .min = 1, .max = 65535});
  if (!port) return std::unexpected(port.error());
  return {};
}

int64_t Sum(std::span<const int64_t> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), int64_t{0});
}

// A bounded queue between two threads, ended by a stop token.
class Queue {
 public:
  bool Push(int64_t value) {
    const std::scoped_lock lock(mutex_);
    if (values_.size() >= 4) return false;
    values_.push_back(value);
    changed_.notify_one();
    return true;
  }

  std::optional<int64_t> Pop(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return !values_.empty(); })) return std::nullopt;
    const int64_t value = values_.front();
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<int64_t> values_;
};

struct File {
  void operator()(FILE* file) const { fclose(file); }
};

int Failed(const std::source_location& where = std::source_location::current()) {
  fprintf(stderr, "guard.cc:%u: not as it should be\n", static_cast<unsigned>(where.line()));
  return 1;
}

int Run() {
  if (!Check("9094") || Check("0") || Check("many").error().code != EINVAL) return Failed();
  if (Parse("12", {}).value_or(0) != 12 || Parse("", {}).value_or(7) != 7) return Failed();
  const std::array<int64_t, 4> numbers = {3, 1, 2, 4};
  if (Sum(std::span(numbers).subspan(1, 2)) != 3) return Failed();
  const std::vector<Limits> limits = {{.name = "b"}, {.name = "a", .min = 1}};
  if (std::ranges::min(limits).name != "a" || std::ranges::find(numbers, 4) == numbers.end()) return Failed();

  Queue queue;
  std::atomic<int64_t> popped = 0;
  {
    std::jthread reader([&](std::stop_token stop) {
      while (const auto value = queue.Pop(stop)) popped += *value;
    });
    while (!queue.Push(41) || !queue.Push(1)) std::this_thread::yield();
    while (popped < 42) std::this_thread::yield();
  }  // asks the reader to stop, and waits for it
  if (popped != 42) return Failed();

  std::variant<std::monostate, std::string, int64_t> value = std::string("text");
  const auto size = std::visit(
      [](const auto& held) -> size_t {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, std::string>) return held.size();
        return 0;
      },
      value);
  const std::unique_ptr<FILE, File> null(fopen("/dev/null", "w"));
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(2));
  if (size != 4 || !null || passed.count() != 2000 || std::byteswap(uint16_t{1}) != 256) return Failed();
  return 0;
}

}  // namespace

int main() {
  return Run();
}
