#include "consumer/route/decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

class FixedClock : public Clock {
 public:
  WallTime Wall() const override { return {1'790'000'100'000'000}; }
  BootTime Boot() const override { return {}; }
  const std::string& BootId() const override { return boot_id_; }

 private:
  std::string boot_id_;
};

constexpr WallTime kAppend{1'790'000'000'000'000};  // 2026-09-21T14:13:20Z
const std::string kIdentity =
    R"("timestamp":"2026-09-21T14:13:19.5Z","clock":"ok","agent":"gw","epoch":"77","seq":5)";

std::string Probe(const std::string& more = "") {
  return R"({"name":"shop","url":"https://shop.example/","response_time":12.5,"status_code":200,"regex":null,)"
         R"("regex_check":null,"outcome":"up","error":null)" +
         more + "," + kIdentity + "}";
}

class DecoderTest : public testing::Test {
 protected:
  Record Decode(const std::string& payload, std::string_view topic = "t") {
    Message message;
    message.topic = topic;
    message.offset = 9;
    message.key = "gw";
    message.payload = payload;
    message.headers = headers_;
    message.append_time = kAppend;
    return decoder_.Decode(message, 2);
  }
  std::string ReasonOf(const std::string& payload, std::string_view topic = "t") {
    const Record record = Decode(payload, topic);
    const auto* letter = std::get_if<DeadLetter>(&record.content);
    return letter != nullptr ? letter->reason : "(taken)";
  }
  Fact FactOf(const std::string& members) {
    const Record record = Decode("{" + members + "," + kIdentity + "}", "t.status");
    const auto* fact = std::get_if<Fact>(&record.content);
    EXPECT_NE(fact, nullptr) << members;
    return fact != nullptr ? *fact : Fact();
  }
  std::string FactReason(const std::string& members) {
    return ReasonOf("{" + members + "," + kIdentity + "}", "t.status");
  }

  FixedClock clock_;
  Decoder decoder_{"t.status", std::chrono::days(30), clock_};
  std::vector<MessageHeader> headers_;
};

TEST_F(DecoderTest, AProbeBecomesARowWithItsIdentity) {
  const Record record = Decode(Probe(R"(,"ip":"192.0.2.7")"));
  ASSERT_TRUE(std::holds_alternative<ProbeRow>(record.content));
  const ProbeRow& row = std::get<ProbeRow>(record.content);
  EXPECT_EQ(row.fields.name, "shop");
  EXPECT_EQ(row.fields.response_time_ms, 12.5);
  EXPECT_EQ(row.ip->length, 4);
  EXPECT_EQ(FormatTimestamp(row.ts), "2026-09-21T14:13:19.500000Z");
  EXPECT_FALSE(row.claimed);
  EXPECT_EQ(record.id->lane, (LaneKey{"gw", 77}));
  EXPECT_EQ(record.id->seq, 5u);
  EXPECT_EQ(record.slot, 2u);
  EXPECT_EQ(record.offset, 9);
  EXPECT_EQ(record.stream, "probe");
}

TEST_F(DecoderTest, WithoutAnAppendTimeTheTimeOfReadingCounts) {
  const std::string payload = Probe();
  Message message;
  message.topic = "t";
  message.payload = payload;
  EXPECT_EQ(decoder_.Decode(message, 0).append_time, clock_.Wall());
}

TEST_F(DecoderTest, WhatIsNoRecordIsADeadLetterWhole) {
  const Record record = Decode("what?");
  const auto& letter = std::get<DeadLetter>(record.content);
  EXPECT_TRUE(letter.reason.starts_with("not JSON: ")) << letter.reason;
  EXPECT_EQ(letter.payload, "what?");
  EXPECT_EQ(letter.key, "gw");
  EXPECT_FALSE(record.id);
}

TEST_F(DecoderTest, ATombstoneIsADeadLetterWithoutPayload) {
  Message message;
  message.topic = "t";
  const Record record = decoder_.Decode(message, 0);
  EXPECT_EQ(std::get<DeadLetter>(record.content).reason, "no value");
  EXPECT_FALSE(std::get<DeadLetter>(record.content).payload);
}

TEST_F(DecoderTest, HeadersNameADamagedPayload) {
  headers_ = {{"agent", "gw"}, {"epoch", "77"}, {"seq", "6"}};
  const Record record = Decode("{");
  EXPECT_EQ(record.id->lane, (LaneKey{"gw", 77}));
  EXPECT_EQ(record.id->seq, 6u);
  EXPECT_EQ(std::get<DeadLetter>(record.content).headers.size(), 3u);
}

TEST_F(DecoderTest, HeadersThatAreDamagedAsWellNameNothing) {
  const std::vector<std::vector<MessageHeader>> bad = {
      {{"agent", "gw"}, {"epoch", "77"}},
      {{"agent", "gw"}, {"epoch", "077"}, {"seq", "6"}},
      {{"agent", "gw"}, {"epoch", "77"}, {"seq", "-6"}},
      {{"agent", "g\nw"}, {"epoch", "77"}, {"seq", "6"}},
      {{"agent", "gw"}, {"epoch", "77"}, {"seq", std::nullopt}},
      {{"agent", "gw"}, {"epoch", "77"}, {"seq", "9223372036854775807"}},
  };
  for (const auto& headers : bad) {
    headers_ = headers;
    EXPECT_FALSE(Decode("{").id);
  }
}

TEST_F(DecoderTest, ABadMemberIsRefusedAndThePayloadNamesTheRecord) {
  const Record record = Decode(Probe(R"(,"bytes":"many")"));
  EXPECT_EQ(std::get<DeadLetter>(record.content).reason, "member 'bytes': not an integer");
  EXPECT_EQ(record.id->seq, 5u);
}

TEST_F(DecoderTest, WhatDoesNotFitItsColumnIsRefused) {
  EXPECT_EQ(ReasonOf(Probe(R"(,"redirects":32768)")), "member 'redirects': out of range");
  EXPECT_EQ(ReasonOf(Probe(R"(,"redirects":32767)")), "(taken)");
  EXPECT_EQ(ReasonOf(Probe(R"(,"bytes":2147483648)")), "member 'bytes': out of range");
  EXPECT_EQ(ReasonOf(Probe(R"(,"attempts":40000)")), "member 'attempts': out of range");
  EXPECT_EQ(ReasonOf(Probe(R"(,"phases":{"dns":1e39})")), "member 'phases.dns': out of range");
  EXPECT_EQ(ReasonOf(Probe(R"(,"ip":"here")")), "member 'ip': not an address");
  EXPECT_EQ(ReasonOf(Probe(R"(,"tls_version":")" + std::string(65, 'x') + "\"")),
            "member 'tls_version': too long");
}

TEST_F(DecoderTest, AZoneOfALinkLocalAddressIsDropped) {
  const Record record = Decode(Probe(R"(,"ip":"fe80::1%eth0")"));
  EXPECT_EQ(std::get<ProbeRow>(record.content).ip->length, 16);
}

TEST_F(DecoderTest, AStartTellsOfItsLaneAndOfTheOneBefore) {
  const Fact fact = FactOf(
      R"("fact":"start","stream":"probe","topic":"t","lane_epoch":"8","previous_epoch":"7","previous_end":"unclean",)"
      R"("previous_high":40,"unaccounted_max":1000,"version":"0.1.0")");
  ASSERT_EQ(fact.news.size(), 2u);
  EXPECT_EQ(fact.news[0].lane, (LaneKey{"gw", 7}));
  EXPECT_EQ(fact.news[0].end, LaneEnd::kUnclean);
  EXPECT_EQ(fact.news[0].high, 40u);
  EXPECT_EQ(fact.news[0].unaccounted_max, 1000u);
  EXPECT_EQ(fact.news[1].lane, (LaneKey{"gw", 8}));
  EXPECT_EQ(fact.news[1].version, "0.1.0");
  EXPECT_EQ(fact.news[1].previous_epoch, 7u);
  EXPECT_FALSE(fact.news[1].end);
}

TEST_F(DecoderTest, AFirstStartHasNothingBefore) {
  const Fact fact = FactOf(
      R"("fact":"start","stream":"probe","topic":"t","lane_epoch":"8","previous_epoch":null,"previous_end":null,)"
      R"("previous_high":null,"unaccounted_max":null,"version":"0.1.0")");
  ASSERT_EQ(fact.news.size(), 1u);
  EXPECT_FALSE(fact.news[0].previous_epoch);
}

TEST_F(DecoderTest, RangesOfFactsIncludeTheirLastNumber) {
  const Fact fact = FactOf(R"("fact":"evicted","stream":"probe","lane_epoch":"8","ranges":[[1,3],[7,7]])");
  ASSERT_EQ(fact.news.size(), 1u);
  EXPECT_EQ(fact.news[0].ranges, (std::vector<std::pair<RangeKind, SeqSpan>>{{RangeKind::kEvicted, {1, 4}},
                                                                             {RangeKind::kEvicted, {7, 8}}}));
}

TEST_F(DecoderTest, OtherFacts) {
  EXPECT_EQ(FactOf(R"("fact":"end","stream":"probe","lane_epoch":"8","high":12)").news[0].high, 12u);
  EXPECT_TRUE(FactOf(R"("fact":"drained","stream":"probe","lane_epoch":"8")").news[0].drained);
  EXPECT_EQ(FactOf(R"("fact":"skipped","stream":"probe","count":4)").skipped, 4u);
  const Fact rejected =
      FactOf(R"("fact":"rejected","stream":"probe","lane_epoch":"8","ranges":[[2,2]],"reason":"too large")");
  EXPECT_EQ(rejected.news[0].ranges[0].first, RangeKind::kRejected);
  EXPECT_EQ(rejected.news[0].rejected_reason, "too large");
}

TEST_F(DecoderTest, AFactOfAnUnknownKindIsNoNews) {
  const Fact fact = FactOf(R"("fact":"report","load":0.5)");
  EXPECT_TRUE(fact.news.empty());
  EXPECT_EQ(fact.skipped, 0u);
}

TEST_F(DecoderTest, AFactThatIsDamagedIsADeadLetter) {
  EXPECT_EQ(FactReason(R"("stream":"probe")"), "member 'fact': missing");
  EXPECT_EQ(FactReason(R"("fact":"end","stream":"probe","high":1)"), "member 'lane_epoch': missing");
  EXPECT_EQ(FactReason(R"("fact":"end","lane_epoch":"8")"), "member 'high': missing");
  for (const char* ranges :
       {"3", "[3]", "[[1]]", "[[1,2,3]]", "[[2,1]]", "[[0,1]]", "[[1,9223372036854775807]]"}) {
    EXPECT_EQ(FactReason(R"("fact":"evicted","lane_epoch":"8","ranges":)" + std::string(ranges)),
              "member 'ranges': not an array of [first, last]");
  }
}

}  // namespace
}  // namespace picket
