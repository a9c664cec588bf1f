// Holds docs/configuration.md against the tables it was made from. After a change of a table run the tests
// with PICKET_UPDATE_DOCS=1: they write the page anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "settings/reference.h"

namespace picket {

inline std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void ExpectBlock(const std::string& name, const std::string& text) {
  const std::string path = std::string(PICKET_SOURCE_DIR) + "/docs/configuration.md";
  const std::string page = ReadWhole(path);
  const std::string wanted = ReplaceBlock(page, name, text);
  ASSERT_NE(wanted, "") << path << " has no block " << name;
  if (std::getenv("PICKET_UPDATE_DOCS") != nullptr) {
    std::ofstream(path, std::ios::binary) << wanted;
  } else {
    EXPECT_EQ(page, wanted) << "run this test with PICKET_UPDATE_DOCS=1";
  }
}

}  // namespace picket
