// Holds docs/configuration.md and the example files against the tables they were made from. After a change of a
// table run the tests with PICKET_UPDATE_DOCS=1: they write them anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "settings/reference.h"

namespace picket {

inline std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The file at `path` (in the source tree) says `wanted`; with PICKET_UPDATE_DOCS it is made to.
inline void ExpectFile(const std::string& path, const std::string& wanted) {
  if (std::getenv("PICKET_UPDATE_DOCS") != nullptr) {
    std::ofstream(path, std::ios::binary) << wanted;
  } else {
    EXPECT_EQ(ReadWhole(path), wanted) << "run this test with PICKET_UPDATE_DOCS=1";
  }
}

inline void ExpectBlock(const std::string& name, const std::string& text) {
  const std::string path = std::string(PICKET_SOURCE_DIR) + "/docs/configuration.md";
  const std::string wanted = ReplaceBlock(ReadWhole(path), name, text);
  ASSERT_NE(wanted, "") << path << " has no block " << name;
  ExpectFile(path, wanted);
}

// An example file is a small configuration, then every key. What follows this line is made from the tables.
inline constexpr std::string_view kExampleMark = "what a reload changes: docs/configuration.md.\n";

inline void ExpectExample(const std::string& name, const std::string& keys) {
  const std::string path = std::string(PICKET_SOURCE_DIR) + "/" + name;
  const std::string file = ReadWhole(path);
  const size_t mark = file.find(kExampleMark);
  ASSERT_NE(mark, std::string::npos) << path << " has no line that ends in: " << kExampleMark;
  ExpectFile(path, file.substr(0, mark + kExampleMark.size()) + keys);
}

// The example's keys as they are without the marks "#:".
inline std::string WithoutMarks(const std::string& keys) {
  std::string text;
  for (size_t at = 0; at < keys.size();) {
    const size_t end = keys.find('\n', at);
    const size_t begin = keys.compare(at, 2, "#:") == 0 ? at + 2 : at;
    text.append(keys, begin, end + 1 - begin);
    at = end + 1;
  }
  return text;
}

}  // namespace picket
