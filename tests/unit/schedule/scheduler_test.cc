#include "agent/schedule/scheduler.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/port/fake_loop.h"
#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::milliseconds;

SitePtr MakeSite(const std::string& name, milliseconds interval) {
  auto site = std::make_shared<Site>();
  site->name = name;
  site->interval = interval;
  return site;
}

class SchedulerTest : public ::testing::Test {
 protected:
  void Begin(std::vector<SitePtr> sites, std::string_view seed = "gw") {
    Scheduler::Hooks hooks;
    hooks.has_room = [this] { return room_; };
    hooks.start = [this](const SitePtr& site) {
      if (!takes_) return false;
      starts_[site->name].push_back(clock_.boot - begun_);
      order_.push_back(clock_.boot - begun_);
      if (ends_at_once_) ended_.push_back(site);
      return true;
    };
    hooks.skipped = [this](Scheduler::Skip reason, uint64_t turns) { skipped_[reason] += turns; };
    begun_ = clock_.boot;
    scheduler_ = std::make_unique<Scheduler>(loop_, clock_, std::move(sites), seed, std::move(hooks));
    scheduler_->Start();
  }

  // Time passes in small steps, each ending the probes begun in it.
  void Pass(microseconds time, microseconds step = 10ms) {
    for (const BootTime end = clock_.boot + time; clock_.boot < end;) {
      loop_.RunFor(std::min(step, end - clock_.boot));
      for (const SitePtr& site : std::exchange(ended_, {})) scheduler_->Finished(*site);
    }
  }

  FakeClock clock_;
  FakeLoop loop_{clock_};
  bool room_ = true, takes_ = true, ends_at_once_ = true;
  std::vector<SitePtr> ended_;
  std::map<std::string, std::vector<microseconds>> starts_;
  std::vector<microseconds> order_;
  std::map<Scheduler::Skip, uint64_t> skipped_;
  BootTime begun_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, EverySiteHasOneTurnAnInterval) {
  Begin({MakeSite("a", 1s), MakeSite("b", 5s)});
  Pass(20s);
  EXPECT_EQ(starts_["a"].size(), 20u);
  EXPECT_EQ(starts_["b"].size(), 4u);
  EXPECT_TRUE(skipped_.empty());
}

TEST_F(SchedulerTest, TurnsDoNotDrift) {
  Begin({MakeSite("a", 1s)});
  Pass(1000s, 7ms);
  ASSERT_EQ(starts_["a"].size(), 1000u);
  EXPECT_EQ(starts_["a"].back() - starts_["a"].front(), 999s);
}

TEST_F(SchedulerTest, SitesAreSpreadOverTheInterval) {
  std::vector<SitePtr> sites;
  for (int i = 0; i < 1000; ++i) sites.push_back(MakeSite("site-" + std::to_string(i), 10s));
  Begin(std::move(sites));
  Pass(10s);
  ASSERT_EQ(order_.size(), 1000u);
  for (int second = 0; second < 10; ++second) {
    const auto in_second =
        std::ranges::count_if(order_, [second](microseconds at) { return at / 1s == second; });
    EXPECT_GT(in_second, 60) << second;
    EXPECT_LT(in_second, 140) << second;
  }
}

TEST_F(SchedulerTest, AgentsOfAFleetDoNotStartTogether) {
  Begin({MakeSite("a", 30s)}, "gw-1");
  Pass(30s);
  const microseconds first = starts_["a"].at(0);
  starts_.clear();
  Begin({MakeSite("a", 30s)}, "gw-2");
  Pass(30s);
  EXPECT_NE(starts_["a"].at(0), first);
}

TEST_F(SchedulerTest, ALongIntervalDoesNotDelayTheFirstProbe) {
  Begin({MakeSite("daily", 24h)});
  Pass(Scheduler::kMaxFirstDelay, 1s);
  EXPECT_EQ(starts_["daily"].size(), 1u);
  Pass(24h, 10min);
  EXPECT_EQ(starts_["daily"].size(), 2u);
}

TEST_F(SchedulerTest, ASlowProbeSkipsItsOwnNextTurnOnly) {
  ends_at_once_ = false;
  const SitePtr slow = MakeSite("slow", 1s);
  Begin({slow, MakeSite("other", 10s)});
  loop_.RunFor(3s);
  EXPECT_EQ(starts_["slow"].size(), 1u);
  EXPECT_EQ(skipped_[Scheduler::Skip::kStillRunning], 2u);
  scheduler_->Finished(*slow);
  loop_.RunFor(1s);
  EXPECT_EQ(starts_["slow"].size(), 2u);
}

TEST_F(SchedulerTest, AFullQueueSkipsAndCounts) {
  room_ = false;
  Begin({MakeSite("a", 1s)});
  Pass(5s);
  EXPECT_TRUE(starts_.empty());
  EXPECT_EQ(skipped_[Scheduler::Skip::kNoRoom], 5u);
  room_ = true;
  Pass(1s);
  EXPECT_EQ(starts_["a"].size(), 1u);
}

TEST_F(SchedulerTest, AStartThatIsRefusedDoesNotCountAsRunning) {
  takes_ = false;
  Begin({MakeSite("a", 1s)});
  Pass(2s);
  EXPECT_EQ(skipped_[Scheduler::Skip::kNoRoom], 2u);
  takes_ = true;
  Pass(1s);
  EXPECT_EQ(starts_["a"].size(), 1u);
  EXPECT_EQ(skipped_[Scheduler::Skip::kStillRunning], 0u);
}

TEST_F(SchedulerTest, AfterASuspendNothingBunchesAndTheMissedAreCounted) {
  std::vector<SitePtr> sites;
  for (int i = 0; i < 200; ++i) sites.push_back(MakeSite("site-" + std::to_string(i), 10s));
  Begin(std::move(sites));
  Pass(10s);
  const size_t before = order_.size();
  clock_.boot = clock_.boot + 1h;  // the machine slept
  const BootTime awake = clock_.boot;
  loop_.RunFor(1ms);
  // Only those whose turn was within a tenth of the interval ago.
  EXPECT_LE(order_.size() - before, 200 / Scheduler::kLatenessDivisor * 2);
  for (const SitePtr& site : std::exchange(ended_, {})) scheduler_->Finished(*site);
  Pass(begun_ + 10s + 1h + 10s - awake);
  EXPECT_EQ(order_.size() + skipped_[Scheduler::Skip::kMissed], 200u * (1 + 360 + 1));
}

TEST_F(SchedulerTest, ALateTurnIsBegunAndTheNextIsInTime) {
  Begin({MakeSite("a", 10s)});
  Pass(10s);
  const microseconds first = starts_["a"].at(0);
  clock_.boot = begun_ + first + 10s + 300ms;  // a stall
  loop_.RunFor(0us);
  for (const SitePtr& site : std::exchange(ended_, {})) scheduler_->Finished(*site);
  Pass(10s);
  ASSERT_EQ(starts_["a"].size(), 3u);
  EXPECT_EQ(starts_["a"][1], first + 10300ms);
  EXPECT_EQ(starts_["a"][2], first + 20s);
  EXPECT_EQ(scheduler_->TakeMaxLateness(), 300ms);
  EXPECT_EQ(scheduler_->TakeMaxLateness(), 0ms);
}

TEST_F(SchedulerTest, AStallOfAMomentCostsNoResult) {
  Begin({MakeSite("a", 1s)});
  Pass(1s);
  const microseconds first = starts_["a"].at(0);
  clock_.boot = begun_ + first + 1s + 700ms;  // a stall
  Pass(400ms);
  EXPECT_EQ(starts_["a"].size(), 3u);
  EXPECT_EQ(skipped_[Scheduler::Skip::kMissed], 0u);
}

TEST_F(SchedulerTest, ManySitesAtOnceAreBegunInBoundedPortions) {
  std::vector<SitePtr> sites;
  for (int i = 0; i < 500; ++i) sites.push_back(MakeSite("site-" + std::to_string(i), 1s));
  Begin(std::move(sites));
  clock_.boot = begun_ + 990ms;
  // A second is not late, so nearly all of them are begun, a portion a turn.
  size_t turns = 0;
  for (size_t before = SIZE_MAX; before != order_.size() + skipped_[Scheduler::Skip::kMissed]; ++turns) {
    before = order_.size() + skipped_[Scheduler::Skip::kMissed];
    loop_.RunTurn();
    EXPECT_LE(order_.size() + skipped_[Scheduler::Skip::kMissed] - before, Scheduler::kMaxStartsPerTurn);
    EXPECT_EQ(loop_.Timers(), 1u);
  }
  EXPECT_GT(turns, 490 / Scheduler::kMaxStartsPerTurn);
  EXPECT_GT(order_.size(), 450u);
}

TEST_F(SchedulerTest, NothingRunsAfterItsEnd) {
  Begin({MakeSite("a", 1s)});
  scheduler_.reset();
  EXPECT_EQ(loop_.Timers(), 0u);
  loop_.RunFor(5s);
  EXPECT_TRUE(starts_.empty());
}

TEST_F(SchedulerTest, AReplacedSiteKeepsItsTurns) {
  Begin({MakeSite("a", 10s), MakeSite("b", 10s)});
  Pass(20s);
  const microseconds a = starts_["a"].at(1), b = starts_["b"].at(1);
  const SitePtr changed = MakeSite("a", 10s);
  scheduler_->Replace({MakeSite("c", 10s), changed, MakeSite("b", 10s)});
  Pass(20s);
  EXPECT_EQ(starts_["a"].at(2), a + 10s);
  EXPECT_EQ(starts_["b"].at(2), b + 10s);
  EXPECT_EQ(starts_["a"].size(), 4u);
  EXPECT_TRUE(skipped_.empty());
  EXPECT_EQ(loop_.Timers(), 1u);
}

TEST_F(SchedulerTest, ANewSiteStartsSoonAndThenKeepsItsGrid) {
  Begin({MakeSite("a", 10s)});
  Pass(1h, 1s);
  scheduler_->Replace({MakeSite("a", 10s), MakeSite("daily", 24h)});
  Pass(Scheduler::kMaxFirstDelay, 1s);
  EXPECT_EQ(starts_["daily"].size(), 1u);
  Pass(24h, 10min);
  EXPECT_EQ(starts_["daily"].size(), 2u);
}

TEST_F(SchedulerTest, AnIntervalThatChangesTakesEffectSoon) {
  Begin({MakeSite("a", 24h)});
  Pass(1min, 1s);
  starts_.clear();
  scheduler_->Replace({MakeSite("a", 1s)});
  Pass(20s);
  EXPECT_GE(starts_["a"].size(), 19u);
}

TEST_F(SchedulerTest, ARemovedSiteHasNoMoreTurns) {
  Begin({MakeSite("a", 1s), MakeSite("b", 1s)});
  Pass(2s);
  scheduler_->Replace({MakeSite("b", 1s)});
  starts_.clear();
  Pass(5s);
  EXPECT_TRUE(starts_["a"].empty());
  EXPECT_EQ(starts_["b"].size(), 5u);
  scheduler_->Replace({});
  starts_.clear();
  Pass(5s);
  EXPECT_TRUE(starts_["b"].empty());
}

TEST_F(SchedulerTest, AProbeUnderWayIsNotDoubledByAReplacement) {
  ends_at_once_ = false;
  const SitePtr before = MakeSite("a", 1s), after = MakeSite("a", 1s);
  Begin({before});
  loop_.RunFor(1s);
  ASSERT_EQ(starts_["a"].size(), 1u);
  scheduler_->Replace({after});
  loop_.RunFor(2s);
  EXPECT_EQ(starts_["a"].size(), 1u);
  scheduler_->Finished(*before);
  loop_.RunFor(1s);
  EXPECT_EQ(starts_["a"].size(), 2u);
}

TEST_F(SchedulerTest, TheEndOfARemovedSitesProbeIsNotTakenForAnotherOfTheName) {
  ends_at_once_ = false;
  const SitePtr first = MakeSite("a", 1s), second = MakeSite("a", 1s);
  Begin({first});
  loop_.RunFor(1s);
  scheduler_->Replace({});
  scheduler_->Replace({second});
  loop_.RunFor(2s);
  ASSERT_EQ(starts_["a"].size(), 2u);
  scheduler_->Finished(*first);
  loop_.RunFor(2s);
  EXPECT_EQ(starts_["a"].size(), 2u);
}

TEST_F(SchedulerTest, NoSitesIsFine) {
  Begin({});
  Pass(5s);
  EXPECT_TRUE(order_.empty());
}

}  // namespace
}  // namespace picket
