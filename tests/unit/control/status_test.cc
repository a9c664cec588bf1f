// The replies, and what people see of them.
#include "agent/control/status.h"

#include <gtest/gtest.h>

#include "agent/control/reply.h"
#include "agent/control/server.h"
#include "agent/control/text.h"

namespace picket {
namespace {

WallTime At(const char* text) {
  WallTime time;
  EXPECT_TRUE(ParseTimestamp(text, &time));
  return time;
}

SiteState MakeSite(const std::string& name) {
  auto site = std::make_shared<Site>();
  site->name = name;
  site->url = "https://" + name + ".example/";
  return {.site = std::move(site), .last = {}};
}

AgentStatus MakeStatus() {
  AgentStatus status;
  status.version = "0.1.0";
  status.agent = "gw-1";
  status.pid = 42;
  status.started = At("2026-11-21T09:00:00Z");
  status.now = At("2026-11-21T12:00:00Z");
  status.uptime = std::chrono::hours(3);
  status.config = {.path = "/etc/picket/picket.yaml", .restart_needed = {"buffer.path"}};
  status.kafka = {.contact = ClusterState::Contact::kAway,
                  .since = At("2026-11-21T11:58:00Z"),
                  .error_kind = "refused",
                  .error_text = "connection refused",
                  .error_at = At("2026-11-21T11:59:50Z")};
  status.buffer = {.path = "/var/lib/picket/buffer.db",
                   .stats = {.records = 10,
                             .bytes = 65536,
                             .max_bytes = 16 << 20,
                             .oldest = At("2026-11-21T11:58:01Z"),
                             .newest = At("2026-11-21T11:59:59Z")}};
  status.counts = {.up = 0, .down = 1, .unknown = 0, .waiting = 1};
  SiteState down = MakeSite("shop");
  down.last = SiteState::Last{.at = At("2026-11-21T11:59:30Z"),
                              .outcome = Outcome::kDown,
                              .error = ProbeError::kStatus,
                              .detail = "HTTP 500",
                              .status_code = 500,
                              .response_time_ms = 12.5};
  status.sites = {down, MakeSite("new")};
  return status;
}

std::string Shown(std::string (*text)(const JsonValue&), const std::string& json) {
  JsonDocument document;
  const auto reply = ReadReply(json, &document);
  EXPECT_TRUE(reply) << json;
  return reply ? text(*reply) : "";
}

TEST(Status, PeopleSeeTheWholeAtAGlance) {
  EXPECT_EQ(Shown(StatusText, StatusReply(MakeStatus())),
            "picket    0.1.0, agent gw-1, pid 42, up 3h\n"
            "config    /etc/picket/picket.yaml; reloads: 0 applied, 0 refused\n"
            "          changed, but only a restart applies it: buffer.path\n"
            "kafka     away since 2026-11-21T11:58:00.000000Z (2m ago)\n"
            "          last error, refused, 10s ago: connection refused\n"
            "records   0 queued, 0 in the window; 0 stamped, 0 acknowledged, 0 rejected, 0 evicted\n"
            "buffer    10 records, 64 KiB of 16 MiB, in /var/lib/picket/buffer.db\n"
            "probes    0 up, 0 down, 0 unknown since the start; 0 skipped, 0 under way\n"
            "sites     0 up, 1 down, 0 unknown, 1 without a result yet\n"
            "  down     shop  30s ago  12.5 ms  status: HTTP 500\n"
            "  -        new\n");
}

TEST(Status, AnUntrustedClockIsTold) {
  AgentStatus status = MakeStatus();
  status.clock_trusted = false;
  EXPECT_NE(Shown(StatusText, StatusReply(status)).find("clock     2026-11-21T12:00:00.000000Z is not trusted"),
            std::string::npos);
}

TEST(Status, NothingThatASiteSaidSteersTheTerminal) {
  AgentStatus status = MakeStatus();
  status.sites[0].last->detail = "\x1b[2Jgone\n";
  const std::string text = Shown(StatusText, StatusReply(status));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find(" [2Jgone \n"), std::string::npos);
}

TEST(Status, AReplyStaysWithinItsBound) {
  AgentStatus status = MakeStatus();
  SiteState site = MakeSite(std::string(128, 'n'));
  auto large = std::make_shared<Site>(*site.site);
  large->url = std::string(2048, 'u');
  site.site = large;
  status.sites.assign(kMaxListedSites, site);
  const std::string reply = StatusReply(status);
  EXPECT_LT(reply.size(), ControlServer::kMaxReplyBytes);
  EXPECT_NE(Shown(StatusText, reply).find("--json lists more"), std::string::npos);
}

TEST(Status, WhatAnOlderAgentLeavesOutIsAQuestionMark) {
  const std::string text = Shown(StatusText, R"({"format":1,"ok":true})");
  EXPECT_TRUE(text.starts_with("picket    ?, agent ?, pid ?, up ?\n")) << text;
}

TEST(BufferStats, ShowsWhatIsThere) {
  EXPECT_EQ(Shown(BufferStatsText, BufferStatsReply(MakeStatus().buffer)),
            "path              /var/lib/picket/buffer.db\n"
            "records           10\n"
            "bytes on disk     65536 of 16777216\n"
            "bytes a record    6553.6\n"
            "oldest            2026-11-21T11:58:01.000000Z\n"
            "newest            2026-11-21T11:59:59.000000Z\n"
            "evicted           0 since the file was made\n");
}

TEST(BufferStats, AnEmptyBufferHasNoAge) {
  const std::string text = Shown(BufferStatsText, BufferStatsReply({.path = "b", .stats = {}}));
  EXPECT_EQ(text.find("oldest"), std::string::npos);
  EXPECT_EQ(text.find("bytes a record"), std::string::npos);
}

TEST(StatusLine, IsOneLineForTheServiceManager) {
  KeeperMetrics metrics;
  metrics.window_records = 2;
  ClusterState kafka;
  kafka.contact = ClusterState::Contact::kConnected;
  EXPECT_EQ(StatusLine(kafka, {.up = 3, .down = 1}, metrics),
            "kafka connected; sites: 3 up, 1 down, 0 unknown; records: 2 in the window, 0 in the buffer");
}

}  // namespace
}  // namespace picket
