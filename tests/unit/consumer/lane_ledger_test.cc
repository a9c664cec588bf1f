#include "consumer/ledger/lane_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace picket {
namespace {

using enum RangeKind;
using News = std::pair<RangeKind, SeqSpan>;

LaneLedger Apply(const std::vector<News>& news) {
  LaneLedger ledger;
  for (const auto& [kind, span] : news) ledger.Note(kind, span);
  return ledger;
}

std::vector<News> RandomNews(std::mt19937& random) {
  std::vector<News> news(1 + random() % 20);
  for (auto& [kind, span] : news) {
    kind = static_cast<RangeKind>(random() % kRangeKinds);
    span.lo = 1 + random() % 40;
    span.hi = span.lo + 1 + random() % 10;
  }
  return news;
}

TEST(LaneLedger, ReceivedWinsOverRejectedOverEvicted) {
  const LaneLedger ledger = Apply({{kEvicted, {1, 31}}, {kReceived, {1, 11}}, {kRejected, {5, 21}}});
  EXPECT_EQ(ledger.Of(kReceived), (RangeSet{{1, 11}}));
  EXPECT_EQ(ledger.Of(kRejected), (RangeSet{{11, 21}}));
  EXPECT_EQ(ledger.Of(kEvicted), (RangeSet{{21, 31}}));
}

TEST(LaneLedger, HolesAreWhatNothingIsKnownOf) {
  const LaneLedger ledger = Apply({{kReceived, {1, 4}}, {kEvicted, {6, 8}}});
  EXPECT_EQ(ledger.High(), 7u);
  EXPECT_EQ(ledger.Holes(10), (RangeSet{{4, 6}, {8, 11}}));
}

TEST(LaneLedger, TheOrderOfNewsDoesNotMatter) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<News> news = RandomNews(random);
    const LaneLedger expected = Apply(news);
    std::shuffle(news.begin(), news.end(), random);
    ASSERT_EQ(Apply(news), expected);
  }
}

TEST(LaneLedger, NewsThatComesTwiceChangesNothing) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const std::vector<News> news = RandomNews(random);
    LaneLedger ledger = Apply(news);
    const LaneLedger before = ledger;
    for (const auto& [kind, span] : news) ledger.Note(kind, span);
    ASSERT_EQ(ledger, before);
  }
}

TEST(LaneLedger, ASequenceNumberHasAtMostOneKind) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const LaneLedger ledger = Apply(RandomNews(random));
    for (uint64_t seq = 1; seq < 60; ++seq) {
      int kinds = 0;
      for (size_t kind = 0; kind < kRangeKinds; ++kind) {
        kinds += ledger.Of(static_cast<RangeKind>(kind)).Contains(seq) ? 1 : 0;
      }
      ASSERT_LE(kinds, 1);
      ASSERT_EQ(ledger.Holes(60).Contains(seq), kinds == 0);
    }
  }
}

TEST(LaneLedger, OneMoreRecordAtTheEndIsOneRowChanged) {
  const std::vector<RangeRow> stored = {{kReceived, {1, 5}}, {kEvicted, {9, 10}}};
  LaneLedger ledger(stored);
  ledger.Note(kReceived, {5, 6});
  const RangeChanges changes = ledger.ChangesSince(stored);
  EXPECT_TRUE(changes.removed.empty());
  EXPECT_EQ(changes.written, (std::vector<RangeRow>{{kReceived, {1, 6}}}));
}

// Applying the changes to the stored rows, as SQL does, must give the ledger's rows.
TEST(LaneLedger, ChangesTurnTheStoredRowsIntoTheLedgers) {
  std::mt19937 random(4);
  for (int round = 0; round < 500; ++round) {
    const std::vector<RangeRow> before = Apply(RandomNews(random)).Rows();
    LaneLedger ledger(before);
    for (const auto& [kind, span] : RandomNews(random)) ledger.Note(kind, span);
    std::map<std::pair<RangeKind, uint64_t>, uint64_t> table;
    for (const RangeRow& row : before) table[{row.kind, row.span.lo}] = row.span.hi;
    const RangeChanges changes = ledger.ChangesSince(before);
    for (const RangeRow& row : changes.removed) table.erase({row.kind, row.span.lo});
    for (const RangeRow& row : changes.written) table[{row.kind, row.span.lo}] = row.span.hi;
    std::vector<RangeRow> after;
    for (const auto& [key, hi] : table) after.push_back({key.first, {key.second, hi}});
    ASSERT_EQ(after, ledger.Rows());
  }
}

TEST(LaneLedger, KindsHaveTheNamesOfTheTable) {
  for (const RangeKind kind : {kReceived, kRejected, kEvicted})
    EXPECT_EQ(ParseRangeKind(RangeKindName(kind)), kind);
  EXPECT_FALSE(ParseRangeKind("missing"));
}

}  // namespace
}  // namespace picket
