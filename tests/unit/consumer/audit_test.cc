#include "consumer/report/audit.h"

#include <gtest/gtest.h>

#include "record/json_reader.h"

namespace picket {
namespace {

LaneAccount Lane(RangeSet received) {
  LaneAccount account;
  account.lane = {"gw", 7};
  account.stream = "probe";
  account.version = "0.1.0";
  for (const SeqSpan& span : received.Spans()) account.ledger.Note(RangeKind::kReceived, span);
  account.rows = account.distinct_rows = received.Count();
  return account;
}

std::string LastLine(const std::vector<LaneAccount>& lanes) {
  std::string text = AuditText({.lanes = lanes});
  text.pop_back();
  return text.substr(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
}

TEST(Audit, OfNothing) {
  EXPECT_EQ(LastLine({}), "received 0, missing 0, duplicates 0");
}

TEST(Audit, OfACompleteLane) {
  EXPECT_EQ(LastLine({Lane({{1, 101}})}), "received 100, missing 0, duplicates 0");
}

TEST(Audit, AHoleOfALiveLaneMayStillCome) {
  const LaneAccount lane = Lane({{1, 10}, {20, 30}});
  EXPECT_EQ(Judge(lane).pending, 10u);
  EXPECT_EQ(LastLine({lane}), "received 19, missing 0, duplicates 0; 10 not yet arrived");
  EXPECT_TRUE(Sum({.lanes = {lane}}).Good());
}

TEST(Audit, AHoleThatNothingExplainsIsMissing) {
  LaneAccount lane = Lane({{1, 10}, {20, 30}});
  lane.version.reset();
  EXPECT_EQ(LastLine({lane}), "received 19, missing 10, duplicates 0");
  EXPECT_FALSE(Sum({.lanes = {lane}}).Good());
  EXPECT_NE(AuditText({.lanes = {lane}}).find("agent side not reported"), std::string::npos);
}

TEST(Audit, TheEndOfALaneNamesWhatNeverCame) {
  LaneAccount lane = Lane({{1, 10}});
  lane.end = LaneEnd::kClean;
  lane.high = 15;
  EXPECT_EQ(Judge(lane).pending, 6u);
  lane.drained = true;
  EXPECT_EQ(Judge(lane).missing, 6u);
}

TEST(Audit, AKilledAgentMayHaveLostAWindow) {
  LaneAccount lane = Lane({{1, 10}, {15, 20}});
  lane.end = LaneEnd::kUnclean;
  lane.unaccounted_max = 1000;
  lane.drained = true;
  EXPECT_EQ(LastLine({lane}),
            "received 14, missing 0, duplicates 0; at most 1000 unaccounted (agent killed)");
}

TEST(Audit, WhatAKillCannotHaveLostIsPendingAndThenMissing) {
  LaneAccount lane = Lane({{1, 10}, {100, 110}});
  lane.end = LaneEnd::kUnclean;
  lane.unaccounted_max = 50;
  EXPECT_EQ(Judge(lane).pending, 40u);
  lane.drained = true;
  EXPECT_EQ(Judge(lane).missing, 40u);
}

TEST(Audit, RejectedAndEvictedHaveANameAndAreNotMissing) {
  LaneAccount lane = Lane({{1, 10}});
  lane.ledger.Note(RangeKind::kEvicted, {10, 15});
  lane.ledger.Note(RangeKind::kRejected, {15, 16});
  EXPECT_EQ(LastLine({lane}), "received 9, missing 0, duplicates 0; 5 evicted; 1 rejected");
  EXPECT_TRUE(Sum({.lanes = {lane}}).Good());
}

TEST(Audit, ADuplicateRowIsFound) {
  LaneAccount lane = Lane({{1, 11}});
  lane.rows = 12;
  EXPECT_EQ(Judge(lane).duplicates, 2u);
  EXPECT_FALSE(Sum({.lanes = {lane}}).Good());
}

TEST(Audit, ARowThatIsGoneIsFoundUnlessItsRetentionIsOver) {
  LaneAccount lane = Lane({{1, 11}});
  lane.rows = lane.distinct_rows = 4;
  EXPECT_FALSE(Sum({.lanes = {lane}}).Good());
  lane.expired = 6;
  EXPECT_TRUE(Sum({.lanes = {lane}}).Good());
}

TEST(Audit, FactsAreNotCountedAsReceivedResults) {
  LaneAccount status = Lane({{1, 4}, {6, 8}});
  status.stream = "status";
  status.version.reset();
  status.rows = status.distinct_rows = 0;
  EXPECT_EQ(LastLine({Lane({{1, 3}}), status}), "received 2, missing 0, duplicates 0");
}

TEST(Audit, JsonSaysTheSame) {
  LaneAccount lane = Lane({{1, 10}, {20, 30}});
  lane.redelivered = 3;
  const std::string text = AuditJson({.lanes = {lane}, .dead_letters = 2});
  JsonDocument document;
  ASSERT_TRUE(document.Parse(text)) << text;
  const JsonValue root = document.Root();
  EXPECT_EQ(root.GetObjectItem("ok").GetBool(), true);
  EXPECT_EQ(root.GetObjectItem("received").GetInteger(), 19);
  EXPECT_EQ(root.GetObjectItem("pending").GetInteger(), 10);
  EXPECT_EQ(root.GetObjectItem("redelivered").GetInteger(), 3);
  EXPECT_EQ(root.GetObjectItem("dead_letters").GetInteger(), 2);
  const JsonValue first = root.GetObjectItem("lanes").FirstChild();
  EXPECT_EQ(first.GetObjectItem("state").GetString(), "alive");
  EXPECT_EQ(first.GetObjectItem("holes").Raw(), "[[10,19]]");
}

}  // namespace
}  // namespace picket
