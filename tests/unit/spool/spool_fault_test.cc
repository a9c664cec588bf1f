// The n-th operation on the files fails, for every n of a scripted run; and power cuts at every n.
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <set>

#include "agent/spool/spool.h"
#include "spool_fixture.h"
#include "test_vfs.h"

namespace picket {
namespace {

// What must and what may be in the file, from what the spool's calls returned.
struct Model {
  std::set<uint64_t> stored;   // acknowledged by Append, not removed
  std::set<uint64_t> unclear;  // an operation on them failed: either is right
  void Appended(uint64_t first, uint64_t last, bool ok) {
    for (uint64_t seq = first; seq <= last; ++seq) {
      if (ok) {
        stored.insert(seq);
        unclear.erase(seq);
      } else if (!stored.contains(seq)) {
        unclear.insert(seq);
      }
    }
  }
  void Removed(uint64_t first, uint64_t last, bool ok) {
    for (uint64_t seq = first; seq <= last; ++seq) {
      const bool known = stored.erase(seq) + unclear.count(seq) > 0;
      if (ok) {
        unclear.erase(seq);
      } else if (known) {
        unclear.insert(seq);
      }
    }
  }
};

class SpoolFaultTest : public testing::Test {
 protected:
  // Each step is tried until it succeeds, at most `tries` times. False: a step did not, or the script ended
  // early because `ends` said so.
  bool RunScript(
      int tries, const std::function<bool()>& ends = [] { return false; }) {
    const auto step = [&](const std::function<bool()>& operation) {
      for (int i = 0; i < tries && !ends(); ++i) {
        if (operation()) return true;
      }
      return false;
    };
    const auto append = [&](uint64_t first, uint64_t last, size_t body_bytes) {
      return step([&] {
        const bool ok = AppendRange(*spool_, lane_, first, last, body_bytes).has_value();
        model_.Appended(first, last, ok);
        return ok;
      });
    };
    const auto remove = [&](uint64_t first, uint64_t last) {
      return step([&] {
        std::vector<uint64_t> seqs = Seqs(first, last);
        const bool ok = spool_->Remove(Keys(lane_, seqs)).has_value();
        model_.Removed(first, last, ok);
        return ok;
      });
    };
    return step([&] {
             auto opened = Spool::Open(options_, clock_, logger_);
             if (opened) spool_ = std::move(*opened);
             return opened.has_value();
           }) &&
           step([&] {
             const auto lane = spool_->BeginLane({"gw-1", 9, "probe"}, "t", "boot-1", 1000);
             if (lane) lane_ = *lane;
             return lane.has_value();
           }) &&
           append(1, 1, 200) && append(2, 12, 300) && remove(3, 5) && append(13, 16, 9000) &&
           append(17, 60, 200) &&                                             // checkpoints on the way
           remove(13, 30) && append(61, 70, 300) && append(71, 76, 20000) &&  // evicts
           remove(10, 11) && step([&] {
             const auto evicted = spool_->UnreportedEvictions();
             if (!evicted) return false;
             reported_.insert(reported_.end(), evicted->begin(), evicted->end());
             return spool_->ClearEvicted(*evicted).has_value();
           }) &&
           append(77, 79, 500) && step([&] { return spool_->EndLane(lane_, 79).has_value(); });
  }

  bool WasEvicted(uint64_t seq, const std::vector<Evicted>& still) const {
    const auto covers = [&](const Evicted& e) { return e.range.first <= seq && seq <= e.range.last; };
    return std::any_of(still.begin(), still.end(), covers) ||
           std::any_of(reported_.begin(), reported_.end(), covers);
  }

  // Opens the file with no more faults: sound, and all that was acknowledged is there.
  void Verify(const std::string& when) {
    spool_.reset();
    auto opened = Spool::Open(options_, clock_, logger_);
    ASSERT_TRUE(opened) << when << ": " << opened.error().message;
    const auto evicted = (*opened)->UnreportedEvictions();
    ASSERT_TRUE(evicted);
    std::set<uint64_t> found;
    std::optional<SpoolKey> after;
    while (true) {
      const auto records = (*opened)->Read(after, 100, 1 << 20);
      ASSERT_TRUE(records) << when;
      if (records->empty()) break;
      for (const SpooledRecord& record : *records) {
        found.insert(record.key.seq);
        EXPECT_EQ(record.envelope.body, MakeEnvelope(record.key.seq, record.envelope.body.size()).body)
            << when;
      }
      after = records->back().key;
    }
    for (const uint64_t seq : model_.stored) {
      EXPECT_TRUE(found.contains(seq) || WasEvicted(seq, *evicted))
          << when << ": record " << seq << " is lost";
    }
    for (const uint64_t seq : found) {
      EXPECT_TRUE(model_.stored.contains(seq) || model_.unclear.contains(seq))
          << when << ": record " << seq << " is back";
    }
    EXPECT_EQ((*opened)->Stats().records, found.size()) << when;
    opened->reset();
    EXPECT_EQ(IntegrityCheck(), "ok") << when;
  }

  std::string IntegrityCheck() const {
    sqlite3* db = nullptr;
    std::string verdict;
    sqlite3_open(options_.path.c_str(), &db);
    const auto first = [](void* out, int, char** columns, char**) {
      *static_cast<std::string*>(out) += columns[0];
      return 0;
    };
    sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE;", nullptr, nullptr, nullptr);
    char* error = nullptr;
    sqlite3_exec(db, "PRAGMA integrity_check", first, &verdict, &error);
    if (error != nullptr) verdict += error;
    sqlite3_free(error);
    sqlite3_close(db);
    return verdict;
  }

  void StartAfresh() {
    spool_.reset();
    model_ = {};
    reported_.clear();
    directory_.emplace();
    options_.path = directory_->path() + "/buffer.db";
  }

  std::optional<TemporaryDirectory> directory_;
  SpoolOptions options_{.path = "", .max_bytes = 256 << 10};
  FakeClock clock_;
  FakeLogger logger_;
  std::unique_ptr<Spool> spool_;
  LaneId lane_ = 0;
  Model model_;
  std::vector<Evicted> reported_;
};

TEST_F(SpoolFaultTest, TheScriptRunsWithoutFaults) {
  TestVfs vfs;
  StartAfresh();
  ASSERT_TRUE(RunScript(1));
  EXPECT_FALSE(reported_.empty()) << "the script is to evict something";
  EXPECT_LE(vfs.peak_bytes(), options_.max_bytes);
  Verify("no fault");
  EXPECT_EQ(logger_.Count("error"), 0U);
}

TEST_F(SpoolFaultTest, AfterOneFailedOperationTheSameCallSucceedsWhenRepeated) {
  for (uint64_t n = 1;; ++n) {
    TestVfs vfs;
    StartAfresh();
    vfs.FailAt(n, TestVfs::Fault::kOnce);
    ASSERT_TRUE(RunScript(2)) << "operation " << n;
    const bool failed = vfs.failed();
    vfs.StopFailing();
    EXPECT_TRUE(model_.unclear.empty()) << "operation " << n;
    Verify("operation " + std::to_string(n));
    if (!failed || HasFailure()) break;
  }
}

TEST_F(SpoolFaultTest, WhatAFailedSyncLostIsNotTakenAsStoredLater) {
  std::mt19937 random(20261120);
  for (uint64_t n = 1;; ++n) {
    TestVfs vfs;
    StartAfresh();
    vfs.FailAt(n, TestVfs::Fault::kOnce);
    // Until the first call that succeeds after the fault.
    uint64_t calls_since = 0;
    RunScript(2, [&] { return vfs.failed() && ++calls_since > 1; });
    const bool failed = vfs.failed();
    vfs.FailAt(1, TestVfs::Fault::kFromThenOn);  // the power goes before anything can be tidied up
    spool_.reset();
    vfs.StopFailing();
    vfs.PowerCut(random);
    Verify("power cut after operation " + std::to_string(n) + " failed");
    if (!failed || HasFailure()) break;
  }
}

TEST_F(SpoolFaultTest, WhatWasStoredSurvivesADeviceThatDies) {
  for (uint64_t n = 1;; n += 3) {
    TestVfs vfs;
    StartAfresh();
    vfs.FailAt(n, TestVfs::Fault::kFromThenOn);
    const bool finished = RunScript(1);
    spool_.reset();
    vfs.StopFailing();
    Verify("from operation " + std::to_string(n));
    if ((finished && !vfs.failed()) || HasFailure()) break;
  }
}

TEST_F(SpoolFaultTest, WhatWasStoredSurvivesAPowerCut) {
  std::mt19937 random(20261121);
  for (uint64_t n = 1;; n += 2) {
    TestVfs vfs;
    StartAfresh();
    vfs.FailAt(n, TestVfs::Fault::kFromThenOn);
    const bool finished = RunScript(1);
    const bool failed = vfs.failed();
    spool_.reset();
    vfs.StopFailing();
    vfs.PowerCut(random);
    Verify("power cut at operation " + std::to_string(n));
    if ((finished && !failed) || HasFailure()) break;
  }
}

}  // namespace
}  // namespace picket
