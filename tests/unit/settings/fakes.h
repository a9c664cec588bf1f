// Files that live in a map.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "settings/diagnostics.h"
#include "settings/files.h"

namespace picket {

class FakeFiles : public ConfigFiles {
 public:
  std::map<std::string, std::string> content;
  std::set<std::string> open_to_all;
  std::set<std::string> closed;

  Expected<std::string> Read(const std::string& path, size_t limit_bytes) const override {
    if (Status readable = CheckReadable(path); !readable) return std::unexpected(readable.error());
    const std::string& text = content.at(path);
    if (text.size() > limit_bytes)
      return Fail(ErrorCode::kResourceExhausted, "%s is too large", path.c_str());
    return text;
  }
  Status CheckReadable(const std::string& path) const override {
    if (closed.contains(path))
      return Fail(ErrorCode::kPermission, "cannot open %s: Permission denied", path.c_str());
    if (!content.contains(path)) {
      return Fail(ErrorCode::kNotFound, "cannot open %s: No such file or directory", path.c_str());
    }
    return {};
  }
  bool ReadableByAll(const std::string& path) const override { return open_to_all.contains(path); }
};

// Every line, as a user sees them.
inline std::vector<std::string> Lines(const Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const Diagnostic& item : diagnostics.Items()) lines.push_back(item.ToString());
  return lines;
}

}  // namespace picket
