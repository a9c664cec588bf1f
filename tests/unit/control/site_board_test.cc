#include "agent/control/site_board.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

SitePtr MakeSite(const std::string& name) {
  auto site = std::make_shared<Site>();
  site->name = name;
  return site;
}

FinishedProbe Finished(const SitePtr& site, Outcome outcome) {
  FinishedProbe probe;
  probe.site = site;
  probe.result.outcome = outcome;
  return probe;
}

std::vector<std::string> Names(const std::vector<SiteState>& states) {
  std::vector<std::string> names;
  for (const SiteState& state : states) names.push_back(state.site->name);
  return names;
}

TEST(SiteBoard, TheWorstComeFirst) {
  SiteBoard board;
  const SitePtr up = MakeSite("a"), down = MakeSite("b"), unknown = MakeSite("c"), fresh = MakeSite("d");
  board.Replace({up, down, unknown, fresh});
  board.Note(Finished(up, Outcome::kUp));
  board.Note(Finished(down, Outcome::kDown));
  board.Note(Finished(unknown, Outcome::kUnknown));
  EXPECT_EQ(Names(board.Worst(10)), (std::vector<std::string>{"b", "c", "d", "a"}));
  EXPECT_EQ(Names(board.Worst(2)), (std::vector<std::string>{"b", "c"}));
  const SiteCounts counts = board.Counts();
  EXPECT_EQ(counts.up, 1u);
  EXPECT_EQ(counts.down, 1u);
  EXPECT_EQ(counts.unknown, 1u);
  EXPECT_EQ(counts.waiting, 1u);
}

TEST(SiteBoard, AChangedSiteHasNoResultYet) {
  SiteBoard board;
  const SitePtr same = MakeSite("same"), before = MakeSite("changed"), after = MakeSite("changed");
  board.Replace({same, before});
  board.Note(Finished(same, Outcome::kUp));
  board.Note(Finished(before, Outcome::kUp));
  board.Replace({same, after});
  EXPECT_EQ(board.Counts().up, 1u);
  EXPECT_EQ(board.Counts().waiting, 1u);
  board.Note(Finished(before, Outcome::kDown));  // it began before the change
  EXPECT_EQ(board.Counts().waiting, 1u);
}

TEST(SiteBoard, ARemovedSitesResultIsIgnored) {
  SiteBoard board;
  const SitePtr site = MakeSite("a");
  board.Replace({site});
  board.Replace({});
  board.Note(Finished(site, Outcome::kUp));
  EXPECT_TRUE(board.Worst(10).empty());
}

}  // namespace
}  // namespace picket
