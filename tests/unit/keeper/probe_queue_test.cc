#include "agent/keeper/probe_queue.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

FinishedProbe Probe(size_t body_bytes = 0) {
  FinishedProbe probe;
  probe.result.outcome = Outcome::kUp;
  probe.body.assign(body_bytes, 'x');
  return probe;
}

TEST(ProbeQueue, HasNoRoomWhenFullAndStillTakesWhatWasStarted) {
  ProbeQueue queue(2, 1, 1000);
  EXPECT_TRUE(queue.Push(Probe()));
  EXPECT_TRUE(queue.HasRoom());
  EXPECT_TRUE(queue.Push(Probe()));
  EXPECT_FALSE(queue.HasRoom());
  EXPECT_TRUE(queue.Push(Probe())) << "the slack";
  EXPECT_FALSE(queue.Push(Probe()));
  EXPECT_EQ(queue.Take(10).size(), 3U);
  EXPECT_TRUE(queue.HasRoom());
}

TEST(ProbeQueue, ABodyThatDoesNotFitIsGivenUpAndTheResultSaysSo) {
  ProbeQueue queue(10, 10, 1000);
  EXPECT_TRUE(queue.Push(Probe(800)));
  EXPECT_TRUE(queue.HasRoom());
  EXPECT_TRUE(queue.Push(Probe(300)));
  const auto probes = queue.Take(10);
  ASSERT_EQ(probes.size(), 2U);
  EXPECT_EQ(probes[0].result.outcome, Outcome::kUp);
  EXPECT_TRUE(probes[1].body.empty());
  EXPECT_EQ(probes[1].result.outcome, Outcome::kUnknown);
  EXPECT_EQ(probes[1].result.error, ProbeError::kLocal);
}

TEST(ProbeQueue, BodiesUseItUpToo) {
  ProbeQueue queue(10, 10, 1000);
  EXPECT_TRUE(queue.Push(Probe(1000)));
  EXPECT_FALSE(queue.HasRoom());
}

}  // namespace
}  // namespace picket
