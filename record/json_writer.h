// Appends JSON to a string. The caller opens and closes in order; commas are put by the writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace picket {

class JsonWriter {
 public:
  // Appends to *out, which must outlive the writer.
  explicit JsonWriter(std::string* out) : out_(out) {}

  void BeginObject();
  void EndObject();
  void BeginArray();
  void EndArray();
  void Key(std::string_view name);
  // Bytes that are not UTF-8 become U+FFFD, control characters are escaped: what comes out is always
  // valid JSON in valid UTF-8.
  void String(std::string_view text);
  void Integer(int64_t value);
  // At most `decimals` digits after the point, trailing zeros dropped; NaN and infinities become null.
  void Number(double value, int decimals);
  void Bool(bool value);
  void Null();
  // Text that is JSON already.
  void Raw(std::string_view json);

  void StringOrNull(const std::optional<std::string>& text);
  void NumberOrNull(std::optional<double> value, int decimals);
  void IntegerOrNull(std::optional<int64_t> value);
  void BoolOrNull(std::optional<bool> value);

 private:
  void Comma();
  std::string* out_;
  bool need_comma_ = false;
};

}  // namespace picket
