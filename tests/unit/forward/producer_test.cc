// What of the producer can be seen without a broker: librdkafka is real, nothing is reached.
#include "agent/forward/producer.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

class ProducerTest : public testing::Test {
 protected:
  ProducerTest() {
    options_.kafka.brokers = {"127.0.0.1:1"};  // nobody listens there
    options_.kafka.security_protocol = "PLAINTEXT";
    options_.queue_records = 10;
  }

  Expected<std::unique_ptr<Producer>> Create() {
    return Producer::Create(
        options_, clock_, logger_,
        {.on_delivery = [this](const DeliveryReport& report) { reports_.push_back(report); },
         .on_event = [this](const ClusterEvent& event) { events_.push_back(event); }});
  }

  // Waits until there is something to do, as the keeper does.
  static void PollOnce(Producer& producer) {
    pollfd ready = {.fd = producer.EventFd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&ready, 1, 10'000), 1);
    producer.Poll();
  }

  Status Send(Producer& producer, uint32_t tag, std::string_view value = "{}") {
    return producer.Send({.topic = &topic_, .key = "gw", .value = value, .epoch = 7, .seq = tag, .tag = tag});
  }

  FakeClock clock_;
  FakeLogger logger_;
  ProducerOptions options_;
  std::string topic_ = "picket.results";
  std::vector<DeliveryReport> reports_;
  std::vector<ClusterEvent> events_;
};

TEST_F(ProducerTest, RefusesAPropertyThatDoesNotExistByName) {
  options_.kafka.librdkafka["linger.msec"] = "5";
  const auto producer = Create();
  ASSERT_FALSE(producer);
  EXPECT_EQ(producer.error().code, ErrorCode::kConfig);
  EXPECT_NE(producer.error().message.find("linger.msec"), std::string::npos) << producer.error().message;
}

TEST_F(ProducerTest, ACaFileThatIsNotThereIsAnErrorOfTheConfiguration) {
  options_.kafka.security_protocol = "SASL_SSL";
  options_.kafka.username = options_.kafka.password = "x";
  options_.kafka.ca_file = "/nonexistent/ca.pem";
  const auto producer = Create();
  ASSERT_FALSE(producer);
  EXPECT_EQ(producer.error().code, ErrorCode::kConfig);
  EXPECT_NE(producer.error().message.find("/nonexistent/ca.pem"), std::string::npos)
      << producer.error().message;
}

TEST_F(ProducerTest, TakesNoMoreThanItsQueueHolds) {
  auto producer = Create();
  ASSERT_TRUE(producer);
  for (uint32_t tag = 1; tag <= 10; ++tag) ASSERT_TRUE(Send(**producer, tag));
  const Status full = Send(**producer, 11);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kResourceExhausted);
}

TEST_F(ProducerTest, AMessageLargerThanAnyBrokerTakesIsNeverQueued) {
  auto producer = Create();
  ASSERT_TRUE(producer);
  const Status sent = Send(**producer, 1, std::string(1 << 20, 'x'));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ProducerTest, SaysThatNobodyIsThereKeepsTheMessageAndEndsWithoutWaiting) {
  auto producer = Create();
  ASSERT_TRUE(producer);
  ASSERT_TRUE(Send(**producer, 1));
  while (!HasFatalFailure() && events_.empty()) PollOnce(**producer);
  ASSERT_FALSE(events_.empty());
  EXPECT_EQ(events_.front().error_kind, "refused") << events_.front().text;
  EXPECT_FALSE((*producer)->Fatal());
  EXPECT_TRUE(reports_.empty()) << "the message is kept";
}

}  // namespace
}  // namespace picket
