#include "agent/forward/producer.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syslog.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "agent/forward/kafka_errors.h"
#include "port/line_throttle.h"
#include "agent/forward/producer_properties.h"
#include "port/proxy_tunnels.h"

namespace picket {
namespace {

constexpr size_t kErrorBytes = 512;

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

struct TopicDeleter {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using Topic = std::unique_ptr<rd_kafka_topic_t, TopicDeleter>;

class KafkaProducer : public Producer {
 public:
  KafkaProducer(const ProducerOptions& options, const Clock& clock, Logger& logger, Callbacks callbacks)
      : settings_(options.kafka), clock_(clock), logger_(logger), callbacks_(std::move(callbacks)) {}

  ~KafkaProducer() override {
    if (tunnels_ != nullptr) tunnels_->Stop();
    if (kafka_ != nullptr) {
      // Without a wait for the broker; the reports are for nobody any more.
      rd_kafka_purge(kafka_,
                     RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
      rd_kafka_queue_io_event_enable(queue_, -1, nullptr, 0);
      rd_kafka_queue_destroy(queue_);
      rd_kafka_destroy(kafka_);
    }
    if (event_fd_ >= 0) close(event_fd_);
  }

  Status Init(const ProducerOptions& options) {
    // Readable from the start: what came into the queue before it was watched raises no event.
    event_fd_ = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd_ < 0) return Fail(ErrorCode::kResourceExhausted, "eventfd: %s", strerror(errno));
    Expected<Properties> properties = ProducerProperties(options);
    if (!properties) return std::unexpected(std::move(properties).error());

    Conf conf(rd_kafka_conf_new());
    char text[kErrorBytes];
    for (const auto& [name, value] : *properties) {
      if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK)
        continue;
      return Fail(ErrorCode::kConfig, "kafka: property '%s': %s", name.c_str(),
                  IsSecretProperty(name) ? "its value is not accepted" : text);
    }
    // Log lines go through the queue too, so that everything of ours runs on the thread that polls.
    if (rd_kafka_conf_set(conf.get(), "log.queue", "true", text, sizeof text) != RD_KAFKA_CONF_OK) {
      return Fail(ErrorCode::kInternal, "librdkafka: %s", text);
    }
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf.get(), OnDelivery);
    rd_kafka_conf_set_error_cb(conf.get(), OnError);
    rd_kafka_conf_set_log_cb(conf.get(), OnLog);
    if (rd_kafka_conf_interceptor_add_on_new(conf.get(), "picket", WatchAnswers, this) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Fail(ErrorCode::kInternal, "librdkafka takes no interceptor");
    }

    if (settings_.proxy) {
      Expected<std::unique_ptr<ProxyTunnels>> tunnels = ProxyTunnels::Create(*settings_.proxy, "kafka.proxy");
      if (!tunnels) return std::unexpected(std::move(tunnels).error());
      tunnels_ = *std::move(tunnels);
      rd_kafka_conf_set_resolve_cb(conf.get(), OnResolve);
      rd_kafka_conf_set_connect_cb(conf.get(), OnConnect);
    }

    kafka_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof text);
    if (kafka_ == nullptr) {
      const bool system = rd_kafka_last_error() == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
      return Fail(system ? ErrorCode::kResourceExhausted : ErrorCode::kConfig, "kafka: %s", text);
    }
    conf.release();  // rd_kafka_new took it
    rd_kafka_set_log_queue(kafka_, nullptr);
    queue_ = rd_kafka_queue_get_main(kafka_);
    static constexpr uint64_t kOne = 1;
    rd_kafka_queue_io_event_enable(queue_, event_fd_, &kOne, sizeof kOne);
    return {};
  }

  Status Send(const Message& message) override {
    const std::string epoch = std::to_string(message.epoch);
    const std::string seq = std::to_string(message.seq);
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        kafka_, RD_KAFKA_V_TOPIC(message.topic->c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(message.key.data(), message.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(message.value.data()), message.value.size()),
        RD_KAFKA_V_HEADER("agent", message.key.data(), static_cast<ssize_t>(message.key.size())),
        RD_KAFKA_V_HEADER("epoch", epoch.data(), static_cast<ssize_t>(epoch.size())),
        RD_KAFKA_V_HEADER("seq", seq.data(), static_cast<ssize_t>(seq.size())),
        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(static_cast<uintptr_t>(message.tag))), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return Fail(SendErrorCode(error), "%s", rd_kafka_err2str(error));
  }

  void RefreshTopic(const std::string& name) override {
    const Topic topic(rd_kafka_topic_new(kafka_, name.c_str(), nullptr));
    if (topic == nullptr) return;
    // With no time to wait it returns at once; the answer updates librdkafka's view of the topic when it
    // comes.
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(kafka_, 0, topic.get(), &metadata, 0) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_metadata_destroy(metadata);
    }
  }

  uint64_t ProduceAnswers() const override { return produce_answers_.load(std::memory_order_relaxed); }

  int EventFd() const override { return event_fd_; }

  void Poll() override {
    uint64_t count;
    while (read(event_fd_, &count, sizeof count) < 0 && errno == EINTR) {
    }
    rd_kafka_poll(kafka_, 0);
    NoteConnected();
  }

  bool Fatal() const override { return fatal_; }

 private:
  static KafkaProducer& Self(void* opaque) { return *static_cast<KafkaProducer*>(opaque); }

  static ErrorCode SendErrorCode(rd_kafka_resp_err_t error) {
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return ErrorCode::kResourceExhausted;
    switch (DeliveryOf(error)) {
      case Delivery::kRejected:
        return ErrorCode::kInvalidArgument;
      case Delivery::kRefused:
        return KindOf(error) == "unknown_topic" ? ErrorCode::kNotFound : ErrorCode::kPermission;
      default:
        return ErrorCode::kUnavailable;
    }
  }

  // Both on librdkafka's threads.
  static int OnResolve(const char* node, const char* service, const addrinfo*, addrinfo** result, void* opaque) {
    if (node != nullptr) return Self(opaque).tunnels_->Resolve(node, service, result);
    ProxyTunnels::FreeAddress(*result);
    return 0;
  }
  static int OnConnect(int socket, const sockaddr*, int, const char* broker, void* opaque) {
    return Self(opaque).tunnels_->Connect(socket, broker);
  }

  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    DeliveryReport report;
    report.tag = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(message->_private));
    report.delivery = DeliveryOf(message->err);
    // Not rd_kafka_message_errstr: of a producer's message that is the record itself.
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      report.error = rd_kafka_err2str(message->err);
      report.kind = KindOf(message->err);
    }
    Self(opaque).callbacks_.on_delivery(report);
  }

  static void OnError(rd_kafka_t* kafka, int error, const char* reason, void* opaque) {
    KafkaProducer& self = Self(opaque);
    if (error == RD_KAFKA_RESP_ERR__RESOLVE && self.tunnels_ != nullptr) {
      self.callbacks_.on_event({.kind = ClusterEvent::Kind::kError,
                                .error_kind = "proxy",
                                .text = self.tunnels_->LastFailure()});
      return;
    }
    if (error != RD_KAFKA_RESP_ERR__FATAL) {
      self.callbacks_.on_event(DescribeError(error, reason, self.settings_));
      return;
    }
    self.fatal_ = true;
    char text[kErrorBytes] = "";
    const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(kafka, text, sizeof text);
    self.callbacks_.on_event(DescribeFatal(cause, text, self.settings_));
  }

  static rd_kafka_resp_err_t WatchAnswers(rd_kafka_t* kafka, const rd_kafka_conf_t*, void* self, char*, size_t) {
    return rd_kafka_interceptor_add_on_response_received(kafka, "picket", OnAnswer, self);
  }

  // Runs on librdkafka's threads.
  static rd_kafka_resp_err_t OnAnswer(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t, int32_t, size_t,
                                      int64_t, rd_kafka_resp_err_t error, void* self) {
    constexpr int16_t kProduce = 0;  // https://kafka.apache.org/protocol#protocol_api_keys
    if (api_key == kProduce && error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<KafkaProducer*>(self)->produce_answers_.fetch_add(1, std::memory_order_relaxed);
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  // librdkafka's own lines. Failed connections come through OnError too, in better words.
  static void OnLog(const rd_kafka_t* kafka, int level, const char* facility, const char* text) {
    KafkaProducer& self = Self(rd_kafka_opaque(kafka));
    const bool told_elsewhere =
        strcmp(facility, "FAIL") == 0 || strcmp(facility, "ERROR") == 0 || strcmp(facility, "FATAL") == 0;
    if (level > LOG_WARNING || told_elsewhere) {
      self.logger_.Debug("kafka", "%s: %s", facility, text);
      return;
    }
    const auto kept_back = self.throttle_.Admit(facility, self.clock_.Boot());
    if (kept_back) self.logger_.Warning("kafka", "%s: %s%s", facility, text, MoreLikeIt(*kept_back).c_str());
  }

  // librdkafka has no callback for a login that worked; the cluster's id is known from the first answer on.
  void NoteConnected() {
    if (connected_) return;
    char* cluster = rd_kafka_clusterid(kafka_, 0);
    if (cluster == nullptr) return;
    connected_ = true;
    callbacks_.on_event({.kind = ClusterEvent::Kind::kConnected,
                         .error_kind = {},
                         .text = "connected to cluster " + std::string(cluster)});
    rd_kafka_mem_free(kafka_, cluster);
  }

  const KafkaSettings settings_;
  const Clock& clock_;
  Logger& logger_;
  const Callbacks callbacks_;
  LineThrottle throttle_;
  std::unique_ptr<ProxyTunnels> tunnels_;  // with kafka.proxy; librdkafka's threads use it
  std::atomic<uint64_t> produce_answers_{0};
  rd_kafka_t* kafka_ = nullptr;
  rd_kafka_queue_t* queue_ = nullptr;
  int event_fd_ = -1;
  bool connected_ = false;
  bool fatal_ = false;
};

}  // namespace

Expected<std::unique_ptr<Producer>> Producer::Create(const ProducerOptions& options, const Clock& clock,
                                                     Logger& logger, Callbacks callbacks) {
  auto producer = std::make_unique<KafkaProducer>(options, clock, logger, std::move(callbacks));
  if (Status ready = producer->Init(options); !ready) return std::unexpected(std::move(ready).error());
  return std::unique_ptr<Producer>(std::move(producer));
}

std::string KafkaLibraryVersion() {
  return std::string("librdkafka ") + rd_kafka_version_str();
}

}  // namespace picket
