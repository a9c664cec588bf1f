#include "consumer/source/kafka_source.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "consumer/source/broker_certificate.h"
#include "consumer/source/certificates.h"
#include "consumer/source/properties.h"
#include "kafka/broker_error.h"
#include "port/proxy_tunnels.h"

namespace picket {
namespace {

constexpr int kAskTimeoutMs = 3'000;
constexpr std::chrono::seconds kCloseTimeout{2};
constexpr const char* kMeanwhile = "; messages wait in Kafka";
// Brokers whose certificate was found wanting; more are not remembered.
constexpr size_t kMaxFaults = 64;

template <typename T, void (*Destroy)(T*)>
struct Destroyer {
  void operator()(T* object) const { Destroy(object); }
};
template <typename T, void (*Destroy)(T*)>
using Handle = std::unique_ptr<T, Destroyer<T, Destroy>>;

using ConfHandle = Handle<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using ErrorHandle = Handle<rd_kafka_error_t, rd_kafka_error_destroy>;
using EventHandle = Handle<rd_kafka_event_t, rd_kafka_event_destroy>;
using ListHandle = Handle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using MessageHandle = Handle<rd_kafka_message_t, rd_kafka_message_destroy>;
using OptionsHandle = Handle<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using QueueHandle = Handle<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using TopicsHandle = Handle<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

// The handle was closed before, with a time limit; destroying must not wait for brokers again.
void DestroyClient(rd_kafka_t* client) {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
using ClientHandle = Handle<rd_kafka_t, DestroyClient>;

Status AsStatus(rd_kafka_resp_err_t error, const char* what) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Fail(ErrorCode::kUnavailable, "%s: %s", what, rd_kafka_err2str(error));
}

ListHandle MakeList(const std::vector<PartitionOffset>& offsets) {
  ListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const PartitionOffset& from : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), from.partition.topic.c_str(), from.partition.partition)
        ->offset = from.offset;
  }
  return list;
}

// What of the configuration to look at when librdkafka does not take it; begins with ": " or is empty.
const char* Cure(std::string_view refusal) {
  if (refusal.find("ssl.key.location") != refusal.npos) {
    return ": check kafka.key_file, and kafka.key_password where the key is encrypted";
  }
  if (refusal.find("ssl.certificate.location") != refusal.npos) return ": check kafka.cert_file";
  if (refusal.find("ssl.key") != refusal.npos || refusal.find("key values mismatch") != refusal.npos) {
    return ": do kafka.cert_file and kafka.key_file belong together?";
  }
  return "";
}

class KafkaSource : public Source {
 public:
  KafkaSource(KafkaSourceOptions options, const Clock& clock, Logger& logger, Complaints& complaints)
      : options_(std::move(options)), clock_(clock), logger_(logger), complaints_(complaints) {}
  ~KafkaSource() override {
    if (tunnels_) tunnels_->Stop();
    Close();
  }

  Status Open();

  Event Poll(std::chrono::milliseconds timeout) override;
  Expected<std::vector<PartitionOrigin>> Describe(const std::vector<TopicPartition>& partitions) override;
  Status Assign(const std::vector<PartitionOffset>& offsets) override;
  Status Unassign() override;
  Status Pause() override;
  void CommitOffsets(const std::vector<PartitionOffset>& offsets) override;
  void Close() override;

 private:
  static void OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                          void* self);
  Status SetTrust(rd_kafka_conf_t* conf);
  Status SetProxy(rd_kafka_conf_t* conf);
  static int OnResolve(const char* node, const char* service, const addrinfo*, addrinfo** result, void* self);
  static int OnConnect(int socket, const sockaddr*, int, const char* broker, void* self);
  static void OnError(rd_kafka_t*, int error, const char* reason, void* self);
  static int OnCertificate(rd_kafka_t*, const char* broker, int32_t, int* x509_error, int depth, const char* der,
                           size_t size, char* said, size_t said_size, void* self);
  static void OnLog(const rd_kafka_t* client, int level, const char* facility, const char* text);
  static void OnOffsetCommit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*,
                             void* self);

  Event ErrorEvent(const rd_kafka_message_t& message);
  Expected<Message> ViewOf(const rd_kafka_message_t& message) const;
  // Topic name -> id; no entry when the broker would not say.
  Expected<std::vector<std::pair<std::string, std::string>>> TopicIds(const std::vector<std::string>& topics);
  void Complain(LogLevel level, const std::string& kind, const std::string& text) {
    complaints_.Tell(level, "kafka", kind, text);
  }

  const KafkaSourceOptions options_;
  const Clock& clock_;
  Logger& logger_;
  Complaints& complaints_;
  std::mutex faults_mutex_;
  std::map<std::string, CertificateFault> faults_;  // by broker, "host:9094"
  std::unique_ptr<ProxyTunnels> tunnels_;  // with kafka.proxy; librdkafka's threads use it
  ClientHandle client_;
  MessageHandle current_;           // what the last Poll returned a view of
  std::optional<Event> rebalance_;  // came in a callback, not yet handed out
  bool is_member_ = false;          // the group gave us an assignment that it did not take back
  bool closing_ = false;
};

Status KafkaSource::Open() {
  ConfHandle conf(rd_kafka_conf_new());
  char text[512];
  for (const auto& [name, value] : ConsumerProperties(options_.kafka, options_.group)) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      return Fail(ErrorCode::kConfig, "librdkafka refuses %s: %s", name.c_str(), text);
    }
  }
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_rebalance_cb(conf.get(), OnRebalance);
  rd_kafka_conf_set_error_cb(conf.get(), OnError);
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  rd_kafka_conf_set_offset_commit_cb(conf.get(), OnOffsetCommit);
  if (Status set = SetTrust(conf.get()); !set) return set;
  if (Status set = SetProxy(conf.get()); !set) return set;
  client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof text));
  if (!client_) return Fail(ErrorCode::kConfig, "librdkafka: %s%s", text, Cure(text));
  (void)conf.release();  // the client owns it now
  rd_kafka_poll_set_consumer(client_.get());

  const ListHandle topics =
      MakeList({{{options_.kafka.topic, RD_KAFKA_PARTITION_UA}, RD_KAFKA_OFFSET_INVALID},
                {{options_.kafka.StatusTopic(), RD_KAFKA_PARTITION_UA}, RD_KAFKA_OFFSET_INVALID}});
  return AsStatus(rd_kafka_subscribe(client_.get(), topics.get()), "cannot subscribe");
}

void KafkaSource::OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                              rd_kafka_topic_partition_list_t* list, void* self) {
  KafkaSource& source = *static_cast<KafkaSource*>(self);
  if (source.closing_) {  // nobody is left to answer an event
    (void)rd_kafka_assign(client, nullptr);
    return;
  }
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    Assigned assigned;
    for (int i = 0; i < list->cnt; ++i)
      assigned.partitions.push_back({list->elems[i].topic, list->elems[i].partition});
    source.rebalance_ = std::move(assigned);
    source.is_member_ = true;
  } else {
    source.rebalance_ = Revoked{rd_kafka_assignment_lost(client) != 0};
    source.is_member_ = false;
  }
  rd_kafka_yield(client);  // Poll returns at once
}

Status KafkaSource::SetTrust(rd_kafka_conf_t* conf) {
  Expected<TrustedCas> cas = ReadTrustedCas(options_.kafka.ca_file);
  if (!cas) return std::unexpected(std::move(cas).error());
  if (cas->source.empty()) {
    logger_.Debug("kafka", "no CA bundle in the usual places: trusting what OpenSSL does by default");
  } else {
    char text[512];
    if (rd_kafka_conf_set(conf, "ssl.ca.pem", cas->pem.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      return Fail(ErrorCode::kConfig, "kafka.ca_file: %s", text);
    }
    logger_.Debug("kafka", "trusting the %zu CA certificates of %s", cas->count, cas->source.c_str());
  }
  if (cas->skipped > 0) {
    logger_.Warning("kafka", "%zu certificates of %s cannot be read and are not trusted", cas->skipped,
                    cas->source.c_str());
  }
  if (rd_kafka_conf_set_ssl_cert_verify_cb(conf, OnCertificate) != RD_KAFKA_CONF_OK) {
    return Fail(ErrorCode::kInternal, "librdkafka was built without TLS");
  }
  return {};
}

Status KafkaSource::SetProxy(rd_kafka_conf_t* conf) {
  if (!options_.kafka.proxy) return {};
  Expected<std::unique_ptr<ProxyTunnels>> tunnels = ProxyTunnels::Create(*options_.kafka.proxy, "kafka.proxy");
  if (!tunnels) return std::unexpected(std::move(tunnels).error());
  tunnels_ = *std::move(tunnels);
  rd_kafka_conf_set_resolve_cb(conf, OnResolve);
  rd_kafka_conf_set_connect_cb(conf, OnConnect);
  return {};
}

// Both on librdkafka's threads.
int KafkaSource::OnResolve(const char* node, const char* service, const addrinfo*, addrinfo** result,
                           void* self) {
  if (node != nullptr) return static_cast<KafkaSource*>(self)->tunnels_->Resolve(node, service, result);
  ProxyTunnels::FreeAddress(*result);
  return 0;
}

int KafkaSource::OnConnect(int socket, const sockaddr*, int, const char* broker, void* self) {
  return static_cast<KafkaSource*>(self)->tunnels_->Connect(socket, broker);
}

void KafkaSource::OnError(rd_kafka_t*, int error, const char* reason, void* opaque) {
  KafkaSource& self = *static_cast<KafkaSource*>(opaque);
  BrokerError trouble = DescribeBrokerError(error, reason, self.options_.kafka);
  if (self.tunnels_ && error == RD_KAFKA_RESP_ERR__RESOLVE) {
    trouble.kind = "proxy";
    trouble.text = self.tunnels_->LastFailure();
  }
  if (trouble.text.find("certificate verify failed") != std::string::npos) {
    const std::lock_guard lock(self.faults_mutex_);
    if (const auto fault = self.faults_.find(trouble.broker); fault != self.faults_.end()) {
      trouble.kind = fault->second.kind;
      trouble.text = fault->second.text;
    }
  }
  self.Complain(LogLevel::kError, trouble.kind, trouble.text + kMeanwhile);
}

// On librdkafka's threads, for each certificate of a chain, with OpenSSL's verdict in *x509_error. It is noted down,
// because the error that follows does not tell one from another. The one verdict that is set right is that on
// "[::1]:9094": OpenSSL took the address for a name.
int KafkaSource::OnCertificate(rd_kafka_t*, const char* broker, int32_t, int* x509_error, int depth, const char* der,
                               size_t size, char* said, size_t said_size, void* opaque) {
  constexpr int kHostnameMismatch = 62;  // X509_V_ERR_HOSTNAME_MISMATCH
  if (*x509_error == 0) return 1;
  const std::string host = std::string(broker).substr(0, std::string(broker).rfind(':'));
  if (depth == 0 && *x509_error == kHostnameMismatch && host.starts_with('[') && IsForAddress(der, size, host)) {
    *x509_error = 0;
    return 1;
  }
  KafkaSource& self = *static_cast<KafkaSource*>(opaque);
  CertificateFault fault = DescribeCertificate(
      broker, *x509_error, depth, {reinterpret_cast<const uint8_t*>(der), size}, self.clock_.Wall());
  snprintf(said, said_size, "%s", fault.kind.c_str());
  const std::lock_guard lock(self.faults_mutex_);
  if (self.faults_.size() < kMaxFaults || self.faults_.contains(broker)) self.faults_[broker] = std::move(fault);
  return 0;
}

void KafkaSource::OnLog(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  // Runs on librdkafka's threads. What matters comes to OnError as well.
  constexpr int kCritical = 2;  // syslog
  KafkaSource& source = *static_cast<KafkaSource*>(rd_kafka_opaque(client));
  const std::string line = std::string(facility) + ": " + text;
  source.logger_.Write(level <= kCritical ? LogLevel::kError : LogLevel::kDebug, "kafka", line);
}

void KafkaSource::OnOffsetCommit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*,
                                 void* self) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
  static_cast<KafkaSource*>(self)->Complain(
      LogLevel::kDebug, "commit",
      std::string("offsets were not copied to Kafka: ") + rd_kafka_err2str(error) +
          "; nothing is lost, the positions are in PostgreSQL");
}

Source::Event KafkaSource::Poll(std::chrono::milliseconds timeout) {
  current_.reset(rd_kafka_consumer_poll(client_.get(), static_cast<int>(timeout.count())));
  if (rebalance_) {
    // A message that came with it is read again by whoever owns its partition next.
    current_.reset();
    return *std::exchange(rebalance_, std::nullopt);
  }
  if (!current_) return Nothing{};
  if (current_->err != RD_KAFKA_RESP_ERR_NO_ERROR) return ErrorEvent(*current_);
  Expected<Message> message = ViewOf(*current_);
  if (!message) return std::move(message).error();
  return *std::move(message);
}

Source::Event KafkaSource::ErrorEvent(const rd_kafka_message_t& message) {
  const std::string topic = message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "";
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return Nothing{};
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return Error{ErrorCode::kUnavailable, topic + " [" + std::to_string(message.partition) +
                                                "]: Kafka does not have the message that comes next: " +
                                                rd_kafka_message_errstr(&message)};
    case RD_KAFKA_RESP_ERR__FATAL: {
      char text[512];
      rd_kafka_fatal_error(client_.get(), text, sizeof text);
      return Error{ErrorCode::kInternal, text};
    }
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      break;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      Complain(LogLevel::kError, "group_permission",
               LoginName(options_.kafka) + " may not use the group '" + options_.group +
                   "': grant it Read on that group, or set kafka.group" + kMeanwhile);
      return Nothing{};
    default:
      Complain(LogLevel::kError, "other",
               std::string(rd_kafka_err2name(message.err)) + ": " + rd_kafka_message_errstr(&message) + kMeanwhile);
      return Nothing{};
  }
  const bool forbidden = message.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  if (topic == options_.kafka.StatusTopic()) {
    Complain(LogLevel::kWarning, "status_topic",
             "topic '" + topic + (forbidden ? "' may not be read: grant Read on it" : "' is not there: create it") +
                 "; results are stored, but what agents say of their losses is not known");
  } else if (forbidden) {
    Complain(LogLevel::kError, "permission",
             LoginName(options_.kafka) + " may not read topic '" + topic + "': grant it Read on the topic" + kMeanwhile);
  } else {
    Complain(LogLevel::kError, "unknown_topic",
             "topic '" + topic + "' is not there: create it, or correct kafka.topic; looked for again every 30 s");
  }
  return Nothing{};
}

Expected<Message> KafkaSource::ViewOf(const rd_kafka_message_t& raw) const {
  Message message;
  message.topic = rd_kafka_topic_name(raw.rkt);
  message.partition = raw.partition;
  message.offset = raw.offset;
  if (raw.key != nullptr) message.key = std::string_view(static_cast<const char*>(raw.key), raw.key_len);
  if (raw.payload != nullptr)
    message.payload = std::string_view(static_cast<const char*>(raw.payload), raw.len);
  rd_kafka_timestamp_type_t kind;
  const int64_t timestamp_ms = rd_kafka_message_timestamp(&raw, &kind);
  if (kind == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) message.append_time = WallTime{timestamp_ms * 1000};

  rd_kafka_headers_t* headers;
  const rd_kafka_resp_err_t error = rd_kafka_message_headers(&raw, &headers);
  if (error == RD_KAFKA_RESP_ERR__NOENT) return message;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Fail(ErrorCode::kCorrupt, "%s [%d] at %lld: headers: %s", rd_kafka_topic_name(raw.rkt),
                raw.partition, static_cast<long long>(raw.offset), rd_kafka_err2str(error));
  }
  const char* name;
  const void* value;
  size_t size;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    MessageHeader header{name, std::nullopt};
    if (value != nullptr) header.value = std::string_view(static_cast<const char*>(value), size);
    message.headers.push_back(header);
  }
  return message;
}

Expected<std::vector<std::pair<std::string, std::string>>> KafkaSource::TopicIds(
    const std::vector<std::string>& topics) {
  std::vector<const char*> names;
  for (const std::string& topic : topics) names.push_back(topic.c_str());
  const TopicsHandle wanted(rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()));
  const OptionsHandle options(rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS));
  char text[256];
  (void)rd_kafka_AdminOptions_set_request_timeout(options.get(), kAskTimeoutMs, text, sizeof text);
  const QueueHandle queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_DescribeTopics(client_.get(), wanted.get(), options.get(), queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), kAskTimeoutMs + 500));
  if (!event) return Fail(ErrorCode::kUnavailable, "no description of the topics");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Fail(ErrorCode::kUnavailable, "no description of the topics: %s",
                rd_kafka_event_error_string(event.get()));
  }
  std::vector<std::pair<std::string, std::string>> ids;
  size_t count = 0;
  const rd_kafka_TopicDescription_t** found =
      rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    if (const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(found[i]); error != nullptr) {
      Complain(LogLevel::kWarning, "topic_id",
               std::string("topic ") + rd_kafka_TopicDescription_name(found[i]) +
                      ": its id is not known, so that a topic made anew may go unnoticed: " +
                      rd_kafka_error_string(error));
      continue;
    }
    const rd_kafka_Uuid_t* id = rd_kafka_TopicDescription_topic_id(found[i]);
    const std::string text_id = id != nullptr ? rd_kafka_Uuid_base64str(id) : "";
    // Brokers before Kafka 2.8 have none: all zeros.
    if (text_id.find_first_not_of('A') != std::string::npos) {
      ids.emplace_back(rd_kafka_TopicDescription_name(found[i]), text_id);
    }
  }
  return ids;
}

Expected<std::vector<PartitionOrigin>> KafkaSource::Describe(const std::vector<TopicPartition>& partitions) {
  std::vector<PartitionOrigin> origins;
  if (partitions.empty()) return origins;
  const std::unique_ptr<char, void (*)(void*)> cluster(rd_kafka_clusterid(client_.get(), kAskTimeoutMs),
                                                       [](void* text) { rd_kafka_mem_free(nullptr, text); });
  if (!cluster) return Fail(ErrorCode::kUnavailable, "no broker tells the id of its cluster");

  std::set<std::string> topics;
  for (const TopicPartition& partition : partitions) topics.insert(partition.topic);
  const auto ids = TopicIds({topics.begin(), topics.end()});
  if (!ids) return std::unexpected(ids.error());

  for (const TopicPartition& partition : partitions) {
    PartitionOrigin origin{partition, cluster.get(), "", 0, 0};
    const auto id =
        std::find_if(ids->begin(), ids->end(), [&](const auto& e) { return e.first == partition.topic; });
    if (id != ids->end()) origin.topic_id = id->second;
    const Status asked =
        AsStatus(rd_kafka_query_watermark_offsets(client_.get(), partition.topic.c_str(), partition.partition,
                                                  &origin.first_offset, &origin.end_offset, kAskTimeoutMs),
                 "no offsets");
    if (!asked) return std::unexpected(asked.error());
    origins.push_back(std::move(origin));
  }
  return origins;
}

Status KafkaSource::Assign(const std::vector<PartitionOffset>& offsets) {
  const ListHandle list = MakeList(offsets);
  if (Status done = AsStatus(rd_kafka_assign(client_.get(), list.get()), "cannot assign"); !done) return done;
  return AsStatus(rd_kafka_resume_partitions(client_.get(), list.get()), "cannot resume");
}

Status KafkaSource::Unassign() {
  return AsStatus(rd_kafka_assign(client_.get(), nullptr), "cannot unassign");
}

Status KafkaSource::Pause() {
  rd_kafka_topic_partition_list_t* raw = nullptr;
  if (Status asked = AsStatus(rd_kafka_assignment(client_.get(), &raw), "cannot pause"); !asked) return asked;
  const ListHandle list(raw);
  return AsStatus(rd_kafka_pause_partitions(client_.get(), list.get()), "cannot pause");
}

void KafkaSource::CommitOffsets(const std::vector<PartitionOffset>& offsets) {
  const ListHandle list = MakeList(offsets);
  const rd_kafka_resp_err_t error = rd_kafka_commit(client_.get(), list.get(), /*async=*/1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) OnOffsetCommit(client_.get(), error, nullptr, this);
}

void KafkaSource::Close() {
  if (closing_ || !client_) return;
  closing_ = true;
  current_.reset();
  // While a join is under way a leave would wait behind it on the same connection, for 5 s at least.
  if (!is_member_) return;
  const QueueHandle queue(rd_kafka_queue_new(client_.get()));
  const ErrorHandle error(rd_kafka_consumer_close_queue(client_.get(), queue.get()));
  if (error) return;
  const auto deadline = std::chrono::steady_clock::now() + kCloseTimeout;
  while (rd_kafka_consumer_closed(client_.get()) == 0 && std::chrono::steady_clock::now() < deadline) {
    (void)rd_kafka_queue_poll_callback(queue.get(), 50);
  }
}

}  // namespace

Expected<std::unique_ptr<Source>> OpenKafkaSource(KafkaSourceOptions options, const Clock& clock, Logger& logger,
                                                  Complaints& complaints) {
  auto source = std::make_unique<KafkaSource>(std::move(options), clock, logger, complaints);
  if (Status opened = source->Open(); !opened) return std::unexpected(std::move(opened).error());
  return source;
}

std::string KafkaClientVersion() {
  return std::string("librdkafka ") + rd_kafka_version_str();
}

}  // namespace picket
