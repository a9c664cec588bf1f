#include "port/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace picket {
namespace {

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string pattern = testing::TempDir() + "picket-files-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
};

TEST_F(FilesTest, WritesAndReadsBack) {
  const std::string path = directory_ + "/id";
  ASSERT_TRUE(WriteFileAtomically(path, "one"));
  ASSERT_TRUE(WriteFileAtomically(path, std::string(10'000, 'x')));
  EXPECT_EQ(ReadFile(path, 20'000).value(), std::string(10'000, 'x'));
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST_F(FilesTest, NamesWhatIsWrong) {
  EXPECT_EQ(ReadFile(directory_ + "/none", 10).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadFile(directory_, 10).error().code, ErrorCode::kInvalidArgument);
  ASSERT_TRUE(WriteFileAtomically(directory_ + "/big", "0123456789a"));
  EXPECT_EQ(ReadFile(directory_ + "/big", 10).error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(WriteFileAtomically(directory_ + "/none/id", "x").error().code, ErrorCode::kNotFound);
}

TEST_F(FilesTest, MakesParents) {
  ASSERT_TRUE(MakeDirectories(directory_ + "/a/b/c"));
  ASSERT_TRUE(MakeDirectories(directory_ + "/a/b/c"));
  EXPECT_TRUE(std::filesystem::is_directory(directory_ + "/a/b/c"));
  ASSERT_TRUE(WriteFileAtomically(directory_ + "/file", ""));
  EXPECT_FALSE(MakeDirectories(directory_ + "/file/x"));
}

TEST(DirectoryOf, IsTheNameOfTheParent) {
  EXPECT_EQ(DirectoryOf("/a/b"), "/a");
  EXPECT_EQ(DirectoryOf("/a"), "/");
  EXPECT_EQ(DirectoryOf("a"), ".");
}

}  // namespace
}  // namespace picket
