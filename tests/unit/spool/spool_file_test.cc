// Whose file it is: locks, versions, damage, SIGKILL.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <sstream>

#include "agent/spool/set_aside.h"
#include "agent/spool/spool.h"
#include "spool_fixture.h"

namespace picket {
namespace {

// A child process that runs `body` and exits; killed by the destructor when it has not.
class Child {
 public:
  explicit Child(const std::function<int()>& body) : pid_(fork()) {
    if (pid_ == 0) _exit(body());
  }
  ~Child() {
    if (pid_ > 0) Kill();
  }
  void Kill() {
    kill(pid_, SIGKILL);
    Wait();
  }
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_;
};

class SpoolFileTest : public SpoolTest {
 protected:
  void SetUp() override {}

  std::string Bytes() const {
    std::ifstream file(options_.path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return std::move(bytes).str();
  }
  void Overwrite(size_t offset, const std::string& bytes) {
    std::fstream file(options_.path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
  }
  void Sql(const char* sql) {
    sqlite3* db = nullptr;
    sqlite3_open(options_.path.c_str(), &db);
    const std::string script = std::string("PRAGMA locking_mode=EXCLUSIVE;") + sql;
    EXPECT_EQ(sqlite3_exec(db, script.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  std::vector<std::string> SetAsideFiles() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(DirectoryOf())) {
      const std::string name = entry.path().filename();
      if (name.find(".corrupt-") != std::string::npos) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string DirectoryOf() const { return std::filesystem::path(options_.path).parent_path(); }
  void Fill() {
    Open();
    lane_ = Begin();
    ASSERT_TRUE(AppendRange(*spool_, lane_, 1, 500));
  }

  LaneId lane_ = 0;
};

TEST_F(SpoolFileTest, ASecondProcessIsRefusedByName) {
  Open();  // nothing appended: the lock is there from the start
  const pid_t owner = getpid();
  Child child([&] {
    const auto second = TryOpen();
    if (second) return 1;
    if (second.error().code != ErrorCode::kAlreadyExists) return 2;
    const std::string& text = second.error().message;
    if (text.find(options_.path) == std::string::npos) return 3;
    return text.find("process " + std::to_string(owner)) == std::string::npos ? 4 : 0;
  });
  EXPECT_EQ(child.Wait(), 0);
  EXPECT_EQ(LockOwner(options_.path), owner);
  EXPECT_NE(Begin(), 0) << "and the first goes on";
  spool_.reset();
  EXPECT_EQ(LockOwner(options_.path), std::nullopt);
  Open();
}

TEST_F(SpoolFileTest, TheLockOutlivesTheRefusalOfASecondOpenInTheSameProcess) {
  Open();
  const auto second = TryOpen();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  Child child([&] {
    const auto third = TryOpen();
    return third ? 1 : 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

TEST_F(SpoolFileTest, NoSharedMemoryFileIsMadeAndTheFileIsPrivate) {
  Fill();
  EXPECT_FALSE(std::filesystem::exists(options_.path + "-shm"));
  struct stat info = {};
  ASSERT_EQ(stat(options_.path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(stat((options_.path + "-wal").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(SpoolFileTest, AnEmptyFileBecomesABuffer) {
  std::filesystem::create_directories(DirectoryOf());
  std::ofstream(options_.path).flush();
  Open();
  EXPECT_NE(Begin(), 0);
}

TEST_F(SpoolFileTest, ANewerFormatIsRefusedAndLeftAsItIs) {
  Fill();
  spool_.reset();
  Sql("PRAGMA user_version=2");
  const std::string before = Bytes();
  const auto opened = TryOpen();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(opened.error().message.find("version is 2"), std::string::npos) << opened.error().message;
  EXPECT_EQ(Bytes(), before);
  EXPECT_TRUE(SetAsideFiles().empty());
}

TEST_F(SpoolFileTest, AnotherProgramsDatabaseIsRefusedAndLeftAsItIs) {
  std::filesystem::create_directories(DirectoryOf());
  Sql("CREATE TABLE bookmarks (url TEXT)");
  const std::string before = Bytes();
  EXPECT_EQ(TryOpen().error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(Bytes(), before);
}

TEST_F(SpoolFileTest, WhatIsNoDatabaseIsMovedAside) {
  std::filesystem::create_directories(DirectoryOf());
  std::ofstream(options_.path) << std::string(5000, 'j');
  Open();
  EXPECT_EQ(SetAsideFiles(), std::vector<std::string>{"buffer.db.corrupt-" + [&] {
              std::string time = FormatTimestamp(clock_.wall).substr(0, 19);
              std::erase(time, '-');
              std::erase(time, ':');
              return time + "Z";
            }()});
  EXPECT_GE(logger_.Count("moved the damaged"), 1U);
  EXPECT_NE(Begin(), 0);
}

TEST_F(SpoolFileTest, ADamagedPageMovesTheFileAsideAndItsLanesComeAlong) {
  Fill();
  spool_.reset();
  Overwrite(20 * 1024, std::string(3 * 1024, '\x55'));
  Open();
  ASSERT_EQ(SetAsideFiles().size(), 2U) << "database and WAL";
  EXPECT_EQ(spool_->Stats().records, 0U);
  const auto last = *spool_->LastLane("probe");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->id, lane_);
  EXPECT_EQ(last->lane.epoch, 7U);
  const auto evicted = spool_->UnreportedEvictions();
  ASSERT_EQ(evicted->size(), 1U);
  EXPECT_EQ(evicted->front().range, (SeqRange{1, last->high}));
}

TEST_F(SpoolFileTest, OneDamagedCopyIsKept) {
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(std::chrono::hours(1));
    std::filesystem::create_directories(DirectoryOf());
    std::ofstream(options_.path) << std::string(5000, 'j');
    Open();
    spool_.reset();
  }
  const std::vector<std::string> names = SetAsideFiles();
  EXPECT_LE(names.size(), 2U);
}

TEST_F(SpoolFileTest, DamageFoundWhileRunningStartsANewFileWithTheSameLanes) {
  Fill();
  ASSERT_TRUE(AppendRange(*spool_, lane_, 501, 2000));
  // Everything behind the first pages, database and WAL: no page that is still cached helps for long.
  Overwrite(8 * 1024, std::string(std::filesystem::file_size(options_.path) - 8 * 1024, '\x55'));
  Status removed;
  for (int i = 0; i < 100 && removed; ++i)
    removed = spool_->Remove(Keys(lane_, Seqs(1 + 20 * i, 20 + 20 * i)));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::kCorrupt) << removed.error().message;
  ASSERT_TRUE(AppendRange(*spool_, lane_, 2001, 2010)) << "the lane is known to the new file";
  EXPECT_EQ(AllSeqs(*spool_), Seqs(2001, 2010));
  ASSERT_EQ(spool_->UnreportedEvictions()->size(), 1U);
  EXPECT_EQ(spool_->UnreportedEvictions()->front().range, (SeqRange{1, 2000}));
  EXPECT_FALSE(SetAsideFiles().empty());
}

TEST_F(SpoolFileTest, RandomDamageNeverStopsAnOpen) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    Fill();
    spool_.reset();
    const size_t size = std::filesystem::file_size(options_.path);
    if (round % 4 == 0) {
      std::filesystem::resize_file(options_.path, 1 + random() % (size - 1));
    } else {
      for (int flips = 0; flips < 20; ++flips) {
        Overwrite(random() % size, std::string(1, static_cast<char>(random())));
      }
    }
    auto opened = TryOpen();
    // A damaged header may look like a newer format: that is refused, all else is a buffer again.
    if (!opened) {
      EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported) << opened.error().message;
    } else {
      const auto lane = (*opened)->BeginLane({"gw-1", 99, "probe"}, "t", "b", 1);
      EXPECT_TRUE(lane && AppendRange(**opened, *lane, 1, 100));
    }
    opened = Fail(ErrorCode::kInternal, "closed");
    std::filesystem::remove_all(DirectoryOf());
  }
}

// A child appends and removes and says on a pipe what was acknowledged; it is killed at random instants.
TEST_F(SpoolFileTest, WhatWasAcknowledgedSurvivesSigkill) {
  std::mt19937 random(42);
  uint64_t high = 0;
  Open();
  lane_ = Begin();
  spool_.reset();
  for (int round = 0; round < 20; ++round) {
    int pipe_fds[2];
    ASSERT_EQ(pipe(pipe_fds), 0);
    Child child([&] {
      auto spool = TryOpen();
      if (!spool) return 1;
      for (uint64_t seq = high + 1;; seq += 5) {
        if (!AppendRange(**spool, lane_, seq, seq + 4)) return 2;
        if (!(*spool)->Remove(Keys(lane_, {seq, seq + 2}))) return 3;
        const uint64_t acknowledged = seq + 4;
        if (write(pipe_fds[1], &acknowledged, sizeof acknowledged) != sizeof acknowledged) return 4;
      }
    });
    close(pipe_fds[1]);
    const uint64_t first = high + 1;
    const unsigned wanted = 1 + random() % 40;
    uint64_t acknowledged = 0;
    for (unsigned i = 0; i < wanted; ++i) {
      ASSERT_EQ(read(pipe_fds[0], &acknowledged, sizeof acknowledged), ssize_t{sizeof acknowledged});
    }
    child.Kill();  // it is somewhere in the next rounds by now
    while (read(pipe_fds[0], &acknowledged, sizeof acknowledged) == ssize_t{sizeof acknowledged}) {
    }
    close(pipe_fds[0]);

    Open();
    const std::vector<uint64_t> seqs = AllSeqs(*spool_);
    const std::set<uint64_t> found(seqs.begin(), seqs.end());
    const uint64_t evicted_to =
        spool_->UnreportedEvictions()->empty() ? 0 : spool_->UnreportedEvictions()->back().range.last;
    for (uint64_t seq = first; seq <= acknowledged; ++seq) {
      const bool removed = (seq - first) % 5 == 0 || (seq - first) % 5 == 2;
      if (seq <= evicted_to) continue;
      EXPECT_EQ(found.contains(seq), !removed) << "round " << round << ", seq " << seq;
    }
    high = std::max(acknowledged, seqs.empty() ? 0 : seqs.back());
    high += (5 - (high - first + 1) % 5) % 5;
    spool_.reset();
  }
}

}  // namespace
}  // namespace picket
