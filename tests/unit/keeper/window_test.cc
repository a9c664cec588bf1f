#include "agent/keeper/window.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

HeldRecord Record(uint64_t seq, size_t body_bytes = 10) {
  HeldRecord record;
  record.key = {.slot = 0, .seq = seq};
  record.envelope.seq = seq;
  record.envelope.body.assign(body_bytes, 'x');
  return record;
}

TEST(Window, IsFullByCount) {
  Window window(2, 1 << 20);
  window.Add(Record(1));
  EXPECT_FALSE(window.Full());
  const WindowId second = window.Add(Record(2));
  EXPECT_TRUE(window.Full());
  window.Erase(second);
  EXPECT_FALSE(window.Full());
}

TEST(Window, IsFullByBytes) {
  Window window(1000, 10'000);
  window.Add(Record(1, 9'900));
  EXPECT_TRUE(window.Full());
}

TEST(Window, ASpooledRecordMakesRoomWhileItsReportIsOutstanding) {
  Window window(1, 1 << 20);
  const WindowId id = window.Add(Record(1));
  window.MarkSent(id, BootTime{});
  window.MarkSpooled(id);
  EXPECT_FALSE(window.Full());
  EXPECT_TRUE(window.Contains({.slot = 0, .seq = 1}));
  EXPECT_EQ(window.Outstanding().size(), 1U);
}

TEST(Window, ParkedRecordsAreNeitherSentNorSpilledButTakeRoom) {
  Window window(1, 1 << 20);
  window.Park(window.Add(Record(1)));
  EXPECT_TRUE(window.Full());
  EXPECT_TRUE(window.Unsent().empty());
  EXPECT_TRUE(window.ToSpill().empty());
  window.UnparkAll(BootTime{std::chrono::seconds(7)});
  ASSERT_EQ(window.Unsent().size(), 1U);
  EXPECT_EQ(window.Find(*window.Unsent().begin())->since, BootTime{std::chrono::seconds(7)});
}

TEST(Window, ARejectedRecordIsToBeSentAlone) {
  Window window(10, 1 << 20);
  const WindowId id = window.Add(Record(1));
  window.MarkSent(id, BootTime{});
  window.MarkRejected(id);
  EXPECT_TRUE(window.Unsent().empty());
  EXPECT_EQ(window.Alone().count(id), 1U);
}

TEST(Window, CountsTheBacklogInFlightInBytes) {
  Window window(10, 1 << 20);
  HeldRecord record = Record(1, 100);
  record.backlog = record.spooled = true;
  const WindowId id = window.Add(record);
  EXPECT_EQ(window.BacklogInFlightBytes(), 0U);
  window.MarkSent(id, BootTime{});
  EXPECT_EQ(window.BacklogInFlightBytes(), record.Bytes());
  window.Erase(id);
  EXPECT_EQ(window.BacklogInFlightBytes(), 0U);
}

TEST(Window, ALateReportFindsNothing) {
  Window window(10, 1 << 20);
  const WindowId id = window.Add(Record(1));
  EXPECT_EQ(window.FindTag(static_cast<uint32_t>(id)), id);
  window.Erase(id);
  EXPECT_EQ(window.FindTag(static_cast<uint32_t>(id)), std::nullopt);
  EXPECT_EQ(window.FindTag(0xFFFFFFFF), std::nullopt);
}

}  // namespace
}  // namespace picket
