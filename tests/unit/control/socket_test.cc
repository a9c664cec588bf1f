#include "agent/control/socket.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

namespace picket {
namespace {

class ControlSocketTest : public testing::Test {
 protected:
  ControlSocketTest() {
    char folder[] = "/tmp/picket-socket-XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    path_ = folder_ + "/s";
  }
  ~ControlSocketTest() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  bool Exists() const { return access(path_.c_str(), F_OK) == 0; }
  std::string Refused() {
    const auto listener = ControlListener::Open(path_);
    if (listener) return "";
    EXPECT_EQ(listener.error().code, ErrorCode::kUnavailable);
    return listener.error().message;
  }

  std::string folder_, path_;
};

TEST_F(ControlSocketTest, IsForItsOwnerAndGoesWithTheListener) {
  {
    const auto listener = ControlListener::Open(path_);
    ASSERT_TRUE(listener) << listener.error().message;
    struct stat found;
    ASSERT_EQ(stat(path_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600u);
  }
  EXPECT_FALSE(Exists());
}

TEST_F(ControlSocketTest, ALivingOneIsNotReplaced) {
  const auto listener = ControlListener::Open(path_);
  ASSERT_TRUE(listener);
  EXPECT_NE(Refused().find("another agent answers there; choose another path or set it to off"), std::string::npos);
  EXPECT_TRUE(Exists());
}

TEST_F(ControlSocketTest, ADeadOneIsReplaced) {
  if (auto dead = ControlListener::Open(path_)) {
    // Gone without its destructor, as after SIGKILL: a copy of the file stays.
    ASSERT_EQ(rename(path_.c_str(), (path_ + "2").c_str()), 0);
  }
  ASSERT_EQ(rename((path_ + "2").c_str(), path_.c_str()), 0);
  EXPECT_TRUE(ControlListener::Open(path_));
}

TEST_F(ControlSocketTest, WhatIsNoSocketIsLeftAlone) {
  fclose(fopen(path_.c_str(), "w"));
  EXPECT_NE(Refused().find("what is there is no socket"), std::string::npos);
  EXPECT_TRUE(Exists());
}

TEST_F(ControlSocketTest, OnlyItsOwnFileIsUnlinked) {
  {
    const auto listener = ControlListener::Open(path_);
    ASSERT_TRUE(listener);
    unlink(path_.c_str());
    fclose(fopen(path_.c_str(), "w"));
  }
  EXPECT_TRUE(Exists());
}

TEST_F(ControlSocketTest, AskingNobodyNamesTheSocketAndTheCure) {
  const auto answer = AskAgent(path_, "status", std::chrono::seconds(1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(answer.error().message.find("no agent answers at " + path_), std::string::npos);
  EXPECT_NE(answer.error().message.find("--socket"), std::string::npos);
}

TEST_F(ControlSocketTest, AnAgentThatHangsIsNotWaitedForForEver) {
  const auto listener = ControlListener::Open(path_);
  ASSERT_TRUE(listener);
  const auto answer = AskAgent(path_, "status", std::chrono::milliseconds(1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(answer.error().message.find("did not answer in time"), std::string::npos);
}

}  // namespace
}  // namespace picket
