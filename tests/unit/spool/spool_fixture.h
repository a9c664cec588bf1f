// A spool in a directory of its own, and records to put into it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/spool/spool.h"
#include "gtest/gtest.h"
#include "tests/unit/port/fakes.h"

namespace picket {

// Made in memory where there is /dev/shm (these tests sync often), else under TMPDIR or /tmp; deleted with
// what is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const char* const base = getenv("TMPDIR");
    for (const std::string parent : {"/dev/shm", base != nullptr ? base : "/tmp"}) {
      path_ = parent + "/picket-spool-XXXXXX";
      if (mkdtemp(path_.data()) != nullptr) return;
    }
    abort();
  }
  ~TemporaryDirectory() {
    std::error_code ignored;  // a leftover directory fails no test
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Envelope MakeEnvelope(uint64_t seq, size_t body_bytes = 300) {
  Envelope envelope;
  envelope.seq = seq;
  const auto number = static_cast<int64_t>(seq % 1'000'000'000);
  envelope.stamp.wall = {1'795'000'000'000'000 + number * 1000};
  envelope.stamp.boot = {std::chrono::microseconds(1'000'000 + number)};
  envelope.body = "\"n\":" + std::to_string(seq) + ",\"pad\":\"";
  if (envelope.body.size() + 1 < body_bytes) envelope.body.resize(body_bytes - 1, 'x');
  envelope.body += '"';
  return envelope;
}

inline std::vector<Envelope> MakeEnvelopes(uint64_t first, uint64_t last, size_t body_bytes = 300) {
  std::vector<Envelope> envelopes;
  for (uint64_t seq = first; seq <= last; ++seq) envelopes.push_back(MakeEnvelope(seq, body_bytes));
  return envelopes;
}

inline Status AppendAll(Spool& spool, LaneId lane, const std::vector<Envelope>& envelopes) {
  std::vector<Spool::Entry> entries;
  for (const Envelope& envelope : envelopes) entries.push_back({lane, &envelope});
  return spool.Append(entries);
}

inline Status AppendRange(Spool& spool, LaneId lane, uint64_t first, uint64_t last, size_t body_bytes = 300) {
  return AppendAll(spool, lane, MakeEnvelopes(first, last, body_bytes));
}

// All records, read in batches, as (lane, seq).
inline std::vector<SpoolKey> AllKeys(Spool& spool, size_t batch = 100) {
  std::vector<SpoolKey> keys;
  std::optional<SpoolKey> after;
  while (true) {
    const auto records = spool.Read(after, batch, 1 << 20);
    EXPECT_TRUE(records) << records.error().message;
    if (!records || records->empty()) return keys;
    for (const SpooledRecord& record : *records) keys.push_back(record.key);
    after = keys.back();
  }
}

inline std::vector<uint64_t> AllSeqs(Spool& spool) {
  std::vector<uint64_t> seqs;
  for (const SpoolKey& key : AllKeys(spool)) seqs.push_back(key.seq);
  return seqs;
}

inline std::vector<uint64_t> Seqs(uint64_t first, uint64_t last) {
  std::vector<uint64_t> seqs;
  for (uint64_t seq = first; seq <= last; ++seq) seqs.push_back(seq);
  return seqs;
}

inline std::vector<SpoolKey> Keys(LaneId lane, const std::vector<uint64_t>& seqs) {
  std::vector<SpoolKey> keys;
  for (const uint64_t seq : seqs) keys.push_back({lane, seq});
  return keys;
}

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }

  Expected<std::unique_ptr<Spool>> TryOpen() { return Spool::Open(options_, clock_, logger_); }
  void Open() {
    auto opened = TryOpen();
    ASSERT_TRUE(opened) << opened.error().message;
    spool_ = std::move(*opened);
  }
  void Reopen() {
    spool_.reset();
    Open();
  }
  LaneId Begin(std::string_view stream = kProbeStream, uint64_t epoch = 7) {
    const auto lane =
        spool_->BeginLane({"gw-1", epoch, std::string(stream)}, "picket.results", "boot-1", 1000);
    EXPECT_TRUE(lane) << lane.error().message;
    return lane.value_or(0);
  }

  TemporaryDirectory directory_;
  SpoolOptions options_{.path = directory_.path() + "/deep/er/buffer.db", .max_bytes = 1 << 20};
  FakeClock clock_;
  FakeLogger logger_;
  std::unique_ptr<Spool> spool_;
};

}  // namespace picket
