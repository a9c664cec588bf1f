#include "agent/probe/phases.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace picket {
namespace {

HopTimes Https() {
  HopTimes hop;
  hop.name_lookup = 1'000;
  hop.connect = 3'000;
  hop.app_connect = 10'000;
  hop.start_transfer = 15'000;
  hop.total = 15'500;
  hop.tls = true;
  hop.complete = true;
  return hop;
}

TEST(Phases, AreDurationsThatAddUpToTheTotal) {
  Phases phases;
  AddHop(Https(), &phases);
  EXPECT_DOUBLE_EQ(*phases.dns_ms, 1);
  EXPECT_DOUBLE_EQ(*phases.connect_ms, 2);
  EXPECT_DOUBLE_EQ(*phases.tls_ms, 7);
  EXPECT_DOUBLE_EQ(*phases.ttfb_ms, 5);
  EXPECT_DOUBLE_EQ(*phases.transfer_ms, 0.5);
}

TEST(Phases, PlainHttpHasNoTls) {
  HopTimes hop = Https();
  hop.tls = false;
  hop.app_connect = 0;
  Phases phases;
  AddHop(hop, &phases);
  EXPECT_FALSE(phases.tls_ms);
  EXPECT_DOUBLE_EQ(*phases.ttfb_ms, 12);
}

TEST(Phases, ANumericHostHasNoDns) {
  HopTimes hop = Https();
  hop.numeric_host = true;
  hop.name_lookup = 20;
  Phases phases;
  AddHop(hop, &phases);
  EXPECT_FALSE(phases.dns_ms);
  EXPECT_DOUBLE_EQ(*phases.connect_ms, 3);
}

TEST(Phases, AreSummedOverHops) {
  Phases phases;
  HopTimes http = Https();
  http.tls = false;
  http.app_connect = 0;
  AddHop(http, &phases);
  AddHop(Https(), &phases);
  EXPECT_DOUBLE_EQ(*phases.dns_ms, 2);
  EXPECT_DOUBLE_EQ(*phases.connect_ms, 4);
  EXPECT_DOUBLE_EQ(*phases.tls_ms, 7);  // of the one hop that had it
  EXPECT_DOUBLE_EQ(*phases.ttfb_ms, 17);
  EXPECT_DOUBLE_EQ(*phases.transfer_ms, 1);
}

TEST(Phases, WhatWasNotReachedIsEmptyAndNeverZero) {
  HopTimes hop = Https();
  hop.complete = false;
  Phases phases;
  AddHop(hop, &phases);
  EXPECT_TRUE(phases.ttfb_ms);
  EXPECT_FALSE(phases.transfer_ms);

  hop.start_transfer = 0;
  phases = {};
  AddHop(hop, &phases);
  EXPECT_TRUE(phases.tls_ms);
  EXPECT_FALSE(phases.ttfb_ms);

  hop.app_connect = 0;
  phases = {};
  AddHop(hop, &phases);
  EXPECT_TRUE(phases.connect_ms);
  EXPECT_FALSE(phases.tls_ms);

  hop.connect = 0;
  phases = {};
  AddHop(hop, &phases);
  EXPECT_TRUE(phases.dns_ms);
  EXPECT_FALSE(phases.connect_ms);

  hop.name_lookup = 0;
  phases = {};
  AddHop(hop, &phases);
  EXPECT_FALSE(phases.dns_ms);
}

TEST(Phases, AClockThatStandsStillGivesNoNegativeTime) {
  HopTimes hop = Https();
  hop.connect = hop.name_lookup - 1;
  Phases phases;
  AddHop(hop, &phases);
  EXPECT_DOUBLE_EQ(*phases.connect_ms, 0);
}

TEST(UnfinishedPhase, NamesWhereItEnded) {
  HopTimes hop;
  hop.tls = true;
  EXPECT_STREQ(UnfinishedPhase(hop), "resolving the name");
  hop.name_lookup = 1;
  EXPECT_STREQ(UnfinishedPhase(hop), "connecting");
  hop.connect = 2;
  EXPECT_STREQ(UnfinishedPhase(hop), "in the TLS handshake");
  hop.app_connect = 3;
  EXPECT_STREQ(UnfinishedPhase(hop), "waiting for the answer");
  hop.start_transfer = 4;
  EXPECT_STREQ(UnfinishedPhase(hop), "receiving the answer");
  HopTimes numeric;
  numeric.numeric_host = true;
  EXPECT_STREQ(UnfinishedPhase(numeric), "connecting");
}

}  // namespace
}  // namespace picket
