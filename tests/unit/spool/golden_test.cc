// A buffer written on one machine is read on another: byte order, word size and SQLite's build do not matter.
// golden/buffer-1.txt holds a buffer of format 1 and its write-ahead log, as an x86-64 machine left them when its
// power went: some records are in the database, the last one in the log alone.
//
// A new format gets a new file beside it:
//   PICKET_UPDATE_GOLDEN=1 spool_test --gtest_filter='GoldenSpool*'
#include <stdio.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "spool_fixture.h"

namespace picket {
namespace {

constexpr size_t kRow = 32;
constexpr int64_t kYear2040 = 2'208'988'800'000'000;
const char* const kGolden = PICKET_GOLDEN_DIR "/buffer-1.txt";

std::string FileBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "FILE SIZE" once, then "FILE OFFSET BYTES" for each row of kRow bytes that is not all zeros.
std::string Hex(const std::string& name, const std::string& bytes) {
  std::string text = name + " " + std::to_string(bytes.size()) + "\n";
  for (size_t at = 0; at < bytes.size(); at += kRow) {
    const std::string row = bytes.substr(at, kRow);
    if (row.find_first_not_of('\0') == row.npos) continue;
    text += name + " " + std::to_string(at) + " ";
    for (const char byte : row) {
      char digits[3];
      snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(byte));
      text += digits;
    }
    text += "\n";
  }
  return text;
}

std::string Unhex(const std::string& name, std::istream& text) {
  std::string bytes;
  std::string line;
  while (std::getline(text, line)) {
    std::istringstream words(line);
    std::string file, digits;
    size_t number = 0;
    words >> file >> number >> digits;
    if (file != name) continue;
    if (digits.empty()) bytes.resize(number);
    for (size_t i = 0; i + 1 < digits.size(); i += 2) {
      bytes.at(number + i / 2) = static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
  }
  return bytes;
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class GoldenSpoolTest : public SpoolTest {
 protected:
  void SetUp() override { options_.path = directory_.path() + "/buffer.db"; }

  static Envelope Golden(uint64_t seq) {
    Envelope envelope = MakeEnvelope(seq, 40);
    if (seq == 2) {
      envelope.stamp.wall = {kYear2040};
      envelope.stamp.clock = ClockState::kCorrected;
      envelope.body = std::string("\"a\":\"\0\xff\"", 8);
    }
    return envelope;
  }

  void Unpack() {
    std::ifstream text(kGolden);
    ASSERT_TRUE(text) << kGolden;
    WriteFile(options_.path, Unhex("db", text));
    text.clear();
    text.seekg(0);
    WriteFile(options_.path + "-wal", Unhex("wal", text));
  }

  void MakeAnew() {
    Open();
    const LaneId lane = Begin();
    ASSERT_TRUE(AppendAll(*spool_, lane, {Golden(1), Golden(2)}));
    Reopen();
    ASSERT_TRUE(AppendAll(*spool_, lane, {Golden(3)}));
    WriteFile(kGolden, Hex("db", FileBytes(options_.path)) + Hex("wal", FileBytes(options_.path + "-wal")));
    spool_.reset();
  }
};

TEST_F(GoldenSpoolTest, IsReadOnEveryMachine) {
  if (getenv("PICKET_UPDATE_GOLDEN") != nullptr) MakeAnew();
  Unpack();
  Open();
  const auto records = spool_->Read(std::nullopt, 10, 1 << 20);
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records->size(), 3U);
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    const Envelope expected = Golden(seq);
    const Envelope& found = (*records)[seq - 1].envelope;
    EXPECT_EQ(found.seq, seq);
    EXPECT_EQ(found.stamp.wall, expected.stamp.wall);
    EXPECT_EQ(found.stamp.boot, expected.stamp.boot);
    EXPECT_EQ(found.stamp.clock, expected.stamp.clock);
    EXPECT_EQ(found.body, expected.body);
  }
  const auto lane = spool_->LastLane(std::string(kProbeStream));
  ASSERT_TRUE(lane && *lane);
  EXPECT_EQ((*lane)->lane.epoch, 7U);
  EXPECT_EQ((*lane)->high, 3U);
  EXPECT_FALSE((*lane)->ended_clean);
}

TEST_F(GoldenSpoolTest, IsWrittenOnEveryMachine) {
  Unpack();
  Open();
  const auto lane = spool_->LastLane(std::string(kProbeStream));
  ASSERT_TRUE(lane && *lane);
  ASSERT_TRUE(AppendAll(*spool_, (*lane)->id, {Golden(4)}));
  ASSERT_TRUE(spool_->Remove(Keys((*lane)->id, {1, 3})));
  Reopen();
  EXPECT_EQ(AllSeqs(*spool_), (std::vector<uint64_t>{2, 4}));
}

}  // namespace
}  // namespace picket
