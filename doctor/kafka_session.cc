#include "doctor/kafka_session.h"

#include <librdkafka/rdkafka.h>
#include <string.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "port/proxy_tunnels.h"

namespace picket {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kErrorBytes = 512;
constexpr int kSliceMs = 50;
constexpr milliseconds kDestroyLimit{2000};
constexpr milliseconds kRetryPause{200};
// Another address of the same name may do better than the first: so long a fault of the network is not the
// last word.
constexpr milliseconds kNetworkPatience{1500};

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
using OptionsHandle = Handle<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using QueueHandle = Handle<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using ResourceHandle = Handle<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using TopicsHandle = Handle<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

bool IsNetworkFault(int code) {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__RESOLVE ||
         code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

bool IsForbidden(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

bool IsMoving(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
}

std::set<rd_kafka_AclOperation_t> Operations(const rd_kafka_AclOperation_t* list, size_t count) {
  return list == nullptr ? std::set<rd_kafka_AclOperation_t>() : std::set(list, list + count);
}

bool May(const std::set<rd_kafka_AclOperation_t>& rights, rd_kafka_AclOperation_t operation) {
  return rights.contains(operation) || rights.contains(RD_KAFKA_ACL_OPERATION_ALL);
}

TopicFacts ReadTopic(const rd_kafka_TopicDescription_t* topic) {
  TopicFacts facts;
  facts.name = rd_kafka_TopicDescription_name(topic);
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topic);
  const rd_kafka_resp_err_t code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
    facts.state = TopicFacts::State::kMissing;
    return facts;
  }
  if (IsForbidden(code)) {
    facts.state = TopicFacts::State::kForbidden;
    return facts;
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    facts.error = rd_kafka_error_string(error);
    return facts;
  }
  facts.state = TopicFacts::State::kThere;
  size_t count = 0;
  const rd_kafka_AclOperation_t* list = rd_kafka_TopicDescription_authorized_operations(topic, &count);
  const auto rights = Operations(list, count);
  facts.knows_rights = list != nullptr;
  facts.may_read = May(rights, RD_KAFKA_ACL_OPERATION_READ);
  facts.may_write = May(rights, RD_KAFKA_ACL_OPERATION_WRITE);
  facts.may_describe = May(rights, RD_KAFKA_ACL_OPERATION_DESCRIBE);

  const rd_kafka_TopicPartitionInfo_t** partitions =
      rd_kafka_TopicDescription_partitions(topic, &facts.partitions);
  for (size_t i = 0; i < facts.partitions; ++i) {
    size_t replicas = 0, in_sync = 0;
    rd_kafka_TopicPartitionInfo_replicas(partitions[i], &replicas);
    rd_kafka_TopicPartitionInfo_isr(partitions[i], &in_sync);
    facts.replicas = i == 0 ? replicas : std::min(facts.replicas, replicas);
    facts.fewest_in_sync = i == 0 ? in_sync : std::min(facts.fewest_in_sync, in_sync);
    if (rd_kafka_TopicPartitionInfo_leader(partitions[i]) == nullptr) ++facts.without_leader;
  }
  return facts;
}

class LibrdkafkaSession : public KafkaSession {
 public:
  explicit LibrdkafkaSession(KafkaSessionOptions options) : options_(std::move(options)) {}

  // Destroying waits for threads, one of which may be waiting for a name server.
  ~LibrdkafkaSession() override {
    results_.reset();
    if (client_ == nullptr) return;
    if (state_->tunnels) state_->tunnels->Stop();
    rd_kafka_t* client = client_;
    std::promise<void> gone;
    std::future<void> wait = gone.get_future();
    std::thread([client, gone = std::move(gone)]() mutable {
      rd_kafka_destroy(client);
      gone.set_value();
    }).detach();
    if (wait.wait_for(kDestroyLimit) != std::future_status::ready) {
      // Its callbacks are reached by rd_kafka_poll alone, which nobody calls any more, but for the
      // certificates'.
      (void)state_.release();
    }
  }

  Status Init() {
    ConfHandle conf(rd_kafka_conf_new());
    char text[kErrorBytes];
    const std::pair<std::string, std::string> own[] = {
        // The broker's list of mechanisms and the TLS version are told in debug lines only.
        {"debug", "security"},
        {"log.queue", "true"},
        {"reconnect.backoff.ms", "100"},
        {"socket.connection.setup.timeout.ms", "8000"},
        {"client.id", "picket-doctor"}};
    auto set = [&](const std::string& name, const std::string& value) {
      return rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof text) ==
             RD_KAFKA_CONF_OK;
    };
    for (const auto& [name, value] : options_.properties) {
      if (!set(name, value))
        return Fail(ErrorCode::kConfig, "librdkafka refuses %s: its value is not accepted", name.c_str());
    }
    for (const auto& [name, value] : own) {
      if (!set(name, value)) return Fail(ErrorCode::kInternal, "librdkafka: %s", text);
    }
    if (options_.proxy) {
      Expected<std::unique_ptr<ProxyTunnels>> tunnels = ProxyTunnels::Create(*options_.proxy, "kafka.proxy");
      if (!tunnels) return std::unexpected(std::move(tunnels).error());
      state_->tunnels = *std::move(tunnels);
      rd_kafka_conf_set_resolve_cb(conf.get(), OnResolve);
      rd_kafka_conf_set_connect_cb(conf.get(), OnConnect);
    }
    state_->read_certificate = options_.read_certificate;
    state_->describe_certificate = options_.describe_certificate;
    state_->is_for_address = options_.is_for_address;
    rd_kafka_conf_set_opaque(conf.get(), state_.get());
    rd_kafka_conf_set_error_cb(conf.get(), OnError);
    rd_kafka_conf_set_log_cb(conf.get(), OnLog);
    if (options_.read_certificate) rd_kafka_conf_set_ssl_cert_verify_cb(conf.get(), OnCertificate);
    // A producer that sends nothing: it joins no group.
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof text);
    if (client_ == nullptr) return Fail(ErrorCode::kConfig, "kafka: %s", text);
    (void)conf.release();  // the client owns it now
    rd_kafka_set_log_queue(client_, nullptr);
    results_.reset(rd_kafka_queue_new(client_));
    return {};
  }

  const KafkaLogin& Connect(milliseconds limit) override {
    const auto begin = steady_clock::now();
    const OptionsHandle options = Options(RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, limit);
    rd_kafka_DescribeCluster(client_, options.get(), results_.get());
    while (!login_.in && steady_clock::now() - begin < limit) {
      rd_kafka_poll(client_, 0);
      const EventHandle event(rd_kafka_queue_poll(results_.get(), kSliceMs));
      if (event != nullptr && rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR)
        NoteCluster(event.get());
      const auto& fault = state_->fault;
      if (!fault || login_.in) continue;
      // What TLS or the login refused stays refused.
      if (!IsNetworkFault(state_->code) || steady_clock::now() - begin > kNetworkPatience) break;
    }
    rd_kafka_poll(client_, 0);
    const std::lock_guard lock(state_->mutex);
    login_.tls = state_->tls;
    // A handshake that is over at its first call is not told by OpenSSL's build; whoever talks SASL has
    // passed it.
    if (!login_.tls && (login_.in || !state_->mechanisms.empty())) login_.tls.emplace();
    if (login_.tls && state_->certificate) login_.tls->certificate = *state_->certificate;
    login_.mechanisms = state_->mechanisms;
    if (!login_.in && state_->fault) login_.fault = DescribeFault();
    return login_;
  }

  Expected<std::vector<TopicFacts>> Topics(const std::vector<std::string>& names,
                                           milliseconds limit) override {
    std::vector<const char*> plain;
    for (const std::string& name : names) plain.push_back(name.c_str());
    const TopicsHandle topics(rd_kafka_TopicCollection_of_topic_names(plain.data(), plain.size()));
    const OptionsHandle options = Options(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, limit);
    const ErrorHandle refused(rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
    rd_kafka_DescribeTopics(client_, topics.get(), options.get(), results_.get());
    const Expected<EventHandle> event = Await(RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT, limit);
    if (!event) return std::unexpected(event.error());
    size_t count = 0;
    const auto* result = rd_kafka_event_DescribeTopics_result(event->get());
    const rd_kafka_TopicDescription_t** list = rd_kafka_DescribeTopics_result_topics(result, &count);
    std::vector<TopicFacts> facts;
    for (size_t i = 0; i < count; ++i) facts.push_back(ReadTopic(list[i]));
    return facts;
  }

  Expected<std::map<std::string, std::string>> TopicConfig(const std::string& topic,
                                                           milliseconds limit) override {
    const ResourceHandle resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    rd_kafka_ConfigResource_t* resources[] = {resource.get()};
    const OptionsHandle options = Options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, limit);
    rd_kafka_DescribeConfigs(client_, resources, 1, options.get(), results_.get());
    const Expected<EventHandle> event = Await(RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT, limit);
    if (!event) return std::unexpected(event.error());
    size_t count = 0;
    const auto* result = rd_kafka_event_DescribeConfigs_result(event->get());
    const rd_kafka_ConfigResource_t** found = rd_kafka_DescribeConfigs_result_resources(result, &count);
    if (count != 1) return Fail(ErrorCode::kUnavailable, "an empty answer");
    if (const auto code = rd_kafka_ConfigResource_error(found[0]); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Fail(IsForbidden(code) ? ErrorCode::kPermission : ErrorCode::kUnavailable, "%s",
                  rd_kafka_err2str(code));
    }
    std::map<std::string, std::string> values;
    const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(found[0], &count);
    for (size_t i = 0; i < count; ++i) {
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      if (value != nullptr) values.emplace(rd_kafka_ConfigEntry_name(entries[i]), value);
    }
    return values;
  }

  // A broker that was just started has yet to find out which groups are its own.
  Expected<GroupFacts> Group(const std::string& group, milliseconds limit) override {
    const auto end = steady_clock::now() + limit;
    while (true) {
      const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
      Expected<GroupFacts> facts = AskForGroup(group, std::max(left, milliseconds(1)));
      if (facts || facts.error().code != ErrorCode::kResourceExhausted || left < kRetryPause) return facts;
      std::this_thread::sleep_for(kRetryPause);
    }
  }

  Expected<std::optional<WallTime>> LastTimestamp(const std::string& topic, size_t partitions,
                                                  milliseconds limit) override {
    const ListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions)));
    for (size_t i = 0; i < partitions; ++i) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<int32_t>(i))->offset =
          RD_KAFKA_OFFSET_SPEC_MAX_TIMESTAMP;
    }
    const OptionsHandle options = Options(RD_KAFKA_ADMIN_OP_LISTOFFSETS, limit);
    rd_kafka_ListOffsets(client_, list.get(), options.get(), results_.get());
    const Expected<EventHandle> event = Await(RD_KAFKA_EVENT_LISTOFFSETS_RESULT, limit);
    if (!event) return std::unexpected(event.error());
    size_t count = 0;
    const auto* result = rd_kafka_event_ListOffsets_result(event->get());
    const rd_kafka_ListOffsetsResultInfo_t** infos = rd_kafka_ListOffsets_result_infos(result, &count);
    std::optional<WallTime> last;
    for (size_t i = 0; i < count; ++i) {
      const int64_t ms = rd_kafka_ListOffsetsResultInfo_timestamp(infos[i]);
      if (ms > 0 && (!last || last->us < ms * 1000)) last = WallTime{ms * 1000};
    }
    return last;
  }

 private:
  // What callbacks write. Those for certificates run on librdkafka's threads; all others within
  // rd_kafka_poll.
  struct State {
    std::unique_ptr<ProxyTunnels> tunnels;  // with a proxy
    std::mutex mutex;
    std::optional<std::string>
        fault;  // librdkafka's text of the first fault that is not about the network, else the last
    int code = 0;
    std::optional<TlsFacts> tls;
    std::string mechanisms;
    std::function<BrokerCertificate(std::string_view)> read_certificate;
    std::optional<BrokerCertificate> certificate;  // under the mutex
    decltype(KafkaSessionOptions::describe_certificate) describe_certificate;
    decltype(KafkaSessionOptions::is_for_address) is_for_address;
    std::optional<KafkaFault> certificate_fault;  // under the mutex
  };

  // Both on librdkafka's threads.
  static int OnResolve(const char* node, const char* service, const addrinfo*, addrinfo** result,
                       void* opaque) {
    if (node != nullptr) return static_cast<State*>(opaque)->tunnels->Resolve(node, service, result);
    ProxyTunnels::FreeAddress(*result);
    return 0;
  }
  static int OnConnect(int socket, const sockaddr*, int, const char* broker, void* opaque) {
    return static_cast<State*>(opaque)->tunnels->Connect(socket, broker);
  }

  static void OnError(rd_kafka_t*, int code, const char* reason, void* opaque) {
    State& state = *static_cast<State*>(opaque);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__FATAL) return;
    if (state.fault && !IsNetworkFault(state.code)) return;
    state.fault = reason;
    state.code = code;
  }

  static void OnLog(const rd_kafka_t* client, int, const char* facility, const char* text) {
    State& state = *static_cast<State*>(rd_kafka_opaque(client));
    SecurityNews news = ReadSecurityLine(facility, text);
    if (news.tls) state.tls = std::move(news.tls);
    if (news.mechanisms) state.mechanisms = *std::move(news.mechanisms);
  }

  static int OnCertificate(rd_kafka_t*, const char* broker, int32_t, int* x509_error, int depth,
                           const char* der, size_t size, char*, size_t, void* opaque) {
    State& state = *static_cast<State*>(opaque);
    const std::lock_guard lock(state.mutex);
    if (depth == 0) state.certificate = state.read_certificate({der, size});
    constexpr int kHostnameMismatch = 62;  // X509_V_ERR_HOSTNAME_MISMATCH
    const std::string_view name = broker;
    const std::string host(name.substr(0, name.rfind(':')));
    if (depth == 0 && *x509_error == kHostnameMismatch && host.starts_with('[') &&
        state.is_for_address({der, size}, host)) {
      *x509_error = 0;
    }
    if (*x509_error != 0 && !state.certificate_fault) {
      state.certificate_fault = state.describe_certificate(broker, *x509_error, depth, {der, size});
    }
    return *x509_error == 0;  // OpenSSL's verdict stands, but for that on an address in brackets
  }

  // kResourceExhausted: ask again, the group is on its way to another broker.
  Expected<GroupFacts> AskForGroup(const std::string& group, milliseconds limit) {
    const char* names[] = {group.c_str()};
    const OptionsHandle options = Options(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, limit);
    const ErrorHandle refused(rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
    rd_kafka_DescribeConsumerGroups(client_, names, 1, options.get(), results_.get());
    const Expected<EventHandle> event = Await(RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT, limit);
    if (!event) return std::unexpected(event.error());
    size_t count = 0;
    const auto* result = rd_kafka_event_DescribeConsumerGroups_result(event->get());
    const rd_kafka_ConsumerGroupDescription_t** found =
        rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
    if (count != 1) return Fail(ErrorCode::kUnavailable, "an empty answer");
    GroupFacts facts;
    const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(found[0]);
    if (const auto code = rd_kafka_error_code(error); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (IsForbidden(code)) facts.state = GroupFacts::State::kForbidden;
      if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) facts.state = GroupFacts::State::kAbsent;
      if (IsMoving(code)) return Fail(ErrorCode::kResourceExhausted, "%s", rd_kafka_err2str(code));
      facts.error = rd_kafka_err2str(code);
      return facts;
    }
    facts.state = GroupFacts::State::kThere;
    const rd_kafka_AclOperation_t* list =
        rd_kafka_ConsumerGroupDescription_authorized_operations(found[0], &count);
    facts.knows_rights = list != nullptr;
    facts.may_read = May(Operations(list, count), RD_KAFKA_ACL_OPERATION_READ);
    facts.members = rd_kafka_ConsumerGroupDescription_member_count(found[0]);
    return facts;
  }

  KafkaFault DescribeFault() const {
    if (state_->certificate_fault) return *state_->certificate_fault;
    return options_.describe(state_->code, *state_->fault);
  }

  OptionsHandle Options(rd_kafka_admin_op_t operation, milliseconds limit) const {
    OptionsHandle options(rd_kafka_AdminOptions_new(client_, operation));
    char text[kErrorBytes];
    (void)rd_kafka_AdminOptions_set_request_timeout(options.get(),
                                                    std::max(static_cast<int>(limit.count()), 1), text,
                                                    sizeof text);  // refuses negative numbers only
    return options;
  }

  Expected<EventHandle> Await(rd_kafka_event_type_t type, milliseconds limit) {
    const auto end = steady_clock::now() + limit;
    while (steady_clock::now() < end) {
      rd_kafka_poll(client_, 0);
      EventHandle event(rd_kafka_queue_poll(results_.get(), kSliceMs));
      if (event == nullptr || rd_kafka_event_type(event.get()) != type) continue;
      const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
      return Fail(IsForbidden(code) ? ErrorCode::kPermission : ErrorCode::kUnavailable, "%s",
                  Reason(event.get()).c_str());
    }
    const std::lock_guard lock(state_->mutex);
    return Fail(ErrorCode::kUnavailable, "no answer within %lld s%s%s",
                static_cast<long long>(limit.count() / 1000), state_->fault ? ": " : "",
                state_->fault ? DescribeFault().text.c_str() : "");
  }

  std::string Reason(const rd_kafka_event_t* event) const {
    const std::lock_guard lock(state_->mutex);
    std::string text = rd_kafka_event_error_string(const_cast<rd_kafka_event_t*>(event));
    if (state_->fault) text += ": " + DescribeFault().text;
    return text;
  }

  void NoteCluster(rd_kafka_event_t* event) {
    const auto* result = rd_kafka_event_DescribeCluster_result(event);
    if (result == nullptr) return;
    const char* id = rd_kafka_DescribeCluster_result_cluster_id(result);
    login_.in = true;
    login_.cluster_id = id == nullptr ? "" : id;
  }

  const KafkaSessionOptions options_;
  std::unique_ptr<State> state_ = std::make_unique<State>();
  rd_kafka_t* client_ = nullptr;
  QueueHandle results_;
  KafkaLogin login_;
};

}  // namespace

Expected<std::unique_ptr<KafkaSession>> KafkaSession::Open(KafkaSessionOptions options) {
  auto session = std::make_unique<LibrdkafkaSession>(std::move(options));
  if (Status ready = session->Init(); !ready) return std::unexpected(std::move(ready).error());
  return std::unique_ptr<KafkaSession>(std::move(session));
}

}  // namespace picket
