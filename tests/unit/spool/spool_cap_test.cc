// The byte cap, evictions, and a full disk.
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

#include "agent/spool/spool.h"
#include "spool_fixture.h"
#include "test_vfs.h"

namespace picket {
namespace {

class SpoolCapTest : public SpoolTest {
 protected:
  void SetUp() override { options_.path = directory_.path() + "/buffer.db"; }
  void TearDown() override { spool_.reset(); }  // before its VFS

  // Every seq of `all` is in the spool, or in `gone`, or in an evicted range; none is in two places.
  void ExpectAllAccountedFor(LaneId lane, uint64_t high, const std::set<uint64_t>& gone) {
    std::set<uint64_t> left;
    for (const SpoolKey& key : AllKeys(*spool_)) {
      if (key.lane == lane) left.insert(key.seq);
    }
    const auto evicted = spool_->UnreportedEvictions();
    ASSERT_TRUE(evicted);
    for (uint64_t seq = 1; seq <= high; ++seq) {
      const bool in_range = std::any_of(evicted->begin(), evicted->end(), [&](const Evicted& e) {
        return e.lane == lane && e.range.first <= seq && seq <= e.range.last;
      });
      ASSERT_TRUE(left.contains(seq) || gone.contains(seq) || in_range) << "seq " << seq << " has no name";
      ASSERT_FALSE(left.contains(seq) && (gone.contains(seq) || in_range)) << "seq " << seq;
    }
  }

  std::optional<TestVfs> vfs_;
};

TEST_F(SpoolCapTest, TheOldestGoFirstAndAreNamed) {
  options_.max_bytes = 256 << 10;
  Open();
  const LaneId lane = Begin();
  for (uint64_t first = 1; first <= 2000; first += 50) {
    ASSERT_TRUE(AppendRange(*spool_, lane, first, first + 49));
    ASSERT_LE(spool_->Stats().bytes, options_.max_bytes);
  }
  const std::vector<uint64_t> left = AllSeqs(*spool_);
  ASSERT_FALSE(left.empty());
  EXPECT_GT(left.front(), 1500U);
  EXPECT_EQ(left, Seqs(left.front(), 2000));
  const std::vector<Evicted> expected = {{lane, {1, left.front() - 1}}};
  EXPECT_EQ(spool_->UnreportedEvictions()->size(), 1U);
  EXPECT_EQ(spool_->UnreportedEvictions()->front().range, expected.front().range);
  EXPECT_EQ(spool_->Stats().evicted_records, left.front() - 1);
  EXPECT_EQ(spool_->Stats().oldest, MakeEnvelope(left.front()).stamp.wall);
  Reopen();
  EXPECT_EQ(spool_->Stats().evicted_records, left.front() - 1);
  EXPECT_EQ(AllSeqs(*spool_), left);
}

TEST_F(SpoolCapTest, TheStatusStreamGoesLast) {
  options_.max_bytes = 256 << 10;
  Open();
  const LaneId status = Begin(kStatusStream, 1);
  const LaneId probe = Begin(kProbeStream, 2);
  ASSERT_TRUE(AppendRange(*spool_, status, 1, 20));
  ASSERT_TRUE(AppendRange(*spool_, probe, 1, 2000));
  std::vector<SpoolKey> keys = AllKeys(*spool_);
  EXPECT_EQ(std::count_if(keys.begin(), keys.end(), [&](SpoolKey key) { return key.lane == status; }), 20);

  ASSERT_TRUE(AppendRange(*spool_, status, 21, 2000));
  keys = AllKeys(*spool_);
  EXPECT_TRUE(std::all_of(keys.begin(), keys.end(), [&](SpoolKey key) { return key.lane == status; }));
  ExpectAllAccountedFor(status, 2000, {});
  ExpectAllAccountedFor(probe, 2000, {});
}

TEST_F(SpoolCapTest, ReportedEvictionsAreForgottenAndLaterOnesStay) {
  options_.max_bytes = 256 << 10;
  Open();
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 600));
  const auto reported = spool_->UnreportedEvictions();
  ASSERT_EQ(reported->size(), 1U);
  ASSERT_TRUE(AppendRange(*spool_, lane, 601, 900));
  ASSERT_TRUE(spool_->ClearEvicted(*reported));
  const auto later = spool_->UnreportedEvictions();
  ASSERT_EQ(later->size(), 1U);
  EXPECT_EQ(later->front().range.first, reported->front().range.last + 1);
  // From the middle of a range.
  const SeqRange range = later->front().range;
  ASSERT_TRUE(spool_->ClearEvicted({{{lane, {range.first + 2, range.first + 3}}}}));
  EXPECT_EQ(spool_->UnreportedEvictions()->size(), 2U);
  EXPECT_EQ(spool_->UnreportedEvictions()->front().range, (SeqRange{range.first, range.first + 1}));
  EXPECT_EQ(spool_->UnreportedEvictions()->back().range, (SeqRange{range.first + 4, range.last}));
}

TEST_F(SpoolCapTest, EvictedRangesAreBounded) {
  options_.max_bytes = 4 << 20;
  Open();
  const LaneId lane = Begin();
  // Every second seq: no two evicted ones are neighbours.
  std::vector<Envelope> envelopes;
  for (uint64_t seq = 2; seq <= 40000; seq += 2) envelopes.push_back(MakeEnvelope(seq, 400));
  ASSERT_TRUE(AppendAll(*spool_, lane, envelopes));
  ASSERT_GT(spool_->Stats().evicted_records, 4096U);
  EXPECT_LE(spool_->UnreportedEvictions()->size(), 1024U);
  std::set<uint64_t> never;
  for (uint64_t seq = 1; seq <= 40000; seq += 2) never.insert(seq);
  const auto evicted = *spool_->UnreportedEvictions();
  const std::vector<uint64_t> left = AllSeqs(*spool_);
  EXPECT_EQ(evicted.back().range.last, left.front() - 2);
}

// The claim of the cap, at every write: random sizes, batches, removals, evictions, reopenings.
TEST_F(SpoolCapTest, DatabaseAndWalNeverExceedTheCap) {
  for (const uint64_t cap : {256 << 10, 700 << 10, 3 << 20}) {
    SCOPED_TRACE(cap);
    vfs_.emplace();
    options_.max_bytes = cap;
    options_.path = directory_.path() + "/" + std::to_string(cap) + ".db";
    std::mt19937_64 random(cap);
    Open();
    const LaneId lane = Begin();
    std::set<uint64_t> removed;
    uint64_t next = 1;
    for (int round = 0; round < 150; ++round) {
      const uint64_t batch = round % 10 == 0 ? 1000 : 1 + random() % 60;
      const size_t limit = round % 7 == 0 ? kMaxBodyBytes : 1200;
      std::vector<Envelope> envelopes;
      size_t bytes = 0;
      for (uint64_t i = 0; i < batch && bytes < (2U << 20); ++i) {
        envelopes.push_back(MakeEnvelope(next++, 20 + random() % limit));
        bytes += envelopes.back().body.size();
      }
      if (round % 5 == 0) std::shuffle(envelopes.begin(), envelopes.end(), random);
      const Status appended = AppendAll(*spool_, lane, envelopes);
      ASSERT_TRUE(appended) << appended.error().message;
      if (round % 3 == 0) {
        std::vector<SpoolKey> keys;
        for (const SpoolKey& key : AllKeys(*spool_)) {
          if (random() % 3 == 0) keys.push_back(key);
        }
        ASSERT_TRUE(spool_->Remove(keys));
        for (const SpoolKey& key : keys) removed.insert(key.seq);
      }
      if (round % 40 == 0) Reopen();
      ASSERT_LE(vfs_->peak_bytes(), cap) << "round " << round;
      ASSERT_LE(spool_->Stats().bytes, cap);
    }
    EXPECT_GT(spool_->Stats().evicted_records, 0U);
    EXPECT_EQ(spool_->Stats().records, AllKeys(*spool_).size());
    for (const uint64_t seq : AllSeqs(*spool_)) ASSERT_FALSE(removed.contains(seq));
    spool_.reset();
  }
}

TEST_F(SpoolCapTest, ALoweredCapShrinksTheFile) {
  options_.max_bytes = 4 << 20;
  Open();
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 8000));
  options_.max_bytes = 512 << 10;
  Reopen();
  EXPECT_LE(spool_->Stats().bytes, options_.max_bytes);
  EXPECT_EQ(AllSeqs(*spool_).back(), 8000U);
  ExpectAllAccountedFor(lane, 8000, {});
  ASSERT_TRUE(AppendRange(*spool_, lane, 8001, 8100));
  EXPECT_LE(spool_->Stats().bytes, options_.max_bytes);
}

TEST_F(SpoolCapTest, ACapThatIsTooSmallIsRefused) {
  options_.max_bytes = (256 << 10) - 1;
  EXPECT_EQ(TryOpen().error().code, ErrorCode::kInvalidArgument);
}

// What a full disk must not stop: removing, and storing new records in place of the oldest.
void WorkOnAFullDisk(Spool& spool, LaneId lane, uint64_t stored) {
  for (uint64_t seq = 1; seq + 1 < stored / 4; seq += 2) {
    const Status removed = spool.Remove(Keys(lane, {seq}));
    ASSERT_TRUE(removed) << removed.error().message;
  }
  const uint64_t before = spool.Stats().evicted_records;
  for (uint64_t first = 100'001; first < 103'000; first += 100) {
    const Status appended = AppendRange(spool, lane, first, first + 99);
    ASSERT_TRUE(appended) << appended.error().message;
  }
  EXPECT_GT(spool.Stats().evicted_records, before);
  EXPECT_EQ(AllSeqs(spool).back(), 103'000U);
}

TEST_F(SpoolCapTest, OnAFullDiskTheOldestMakeRoom) {
  vfs_.emplace();
  Open();
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 300));
  vfs_->SetQuota(spool_->Stats().bytes);
  WorkOnAFullDisk(*spool_, lane, 300);
  EXPECT_LE(spool_->Stats().bytes, vfs_->peak_bytes());
  vfs_->SetQuota(0);
  ASSERT_TRUE(AppendRange(*spool_, lane, 200'001, 200'600));
  EXPECT_EQ(AllSeqs(*spool_).back(), 200'600U) << "and it grows again when there is room";
}

TEST_F(SpoolCapTest, OnAFullDiskWithNothingToEvictAppendSaysSo) {
  vfs_.emplace();
  Open();
  const LaneId lane = Begin();
  vfs_->SetQuota(spool_->Stats().bytes);
  EXPECT_EQ(AppendRange(*spool_, lane, 1, 1, 60000).error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(spool_->Stats().records, 0U);
  vfs_->SetQuota(0);
  EXPECT_TRUE(AppendRange(*spool_, lane, 1, 1, 60000));
}

// The same on a real file system with no byte left.
TEST_F(SpoolCapTest, OnAFullFileSystemTheOldestMakeRoom) {
  const std::string disk = directory_.path() + "/disk";
  ASSERT_EQ(mkdir(disk.c_str(), 0700), 0);
  if (mount("tmpfs", disk.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=600k") != 0) {
    GTEST_SKIP() << "cannot mount a small tmpfs: " << strerror(errno);
  }
  options_.path = disk + "/buffer.db";
  options_.max_bytes = 1 << 20;
  Open();
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 300));
  {
    std::ofstream filler(disk + "/filler", std::ios::binary);
    while (filler << std::string(512, 'x') << std::flush) {
    }
  }
  WorkOnAFullDisk(*spool_, lane, 300);
  Reopen();
  EXPECT_EQ(AllSeqs(*spool_).back(), 103'000U);
  spool_.reset();
  EXPECT_EQ(umount2(disk.c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace picket
