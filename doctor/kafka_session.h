// Asks a Kafka cluster about itself and about us, through librdkafka's admin client, and changes nothing.
// rd_kafka_t stays in kafka_session.cc, which is compiled once for each build of librdkafka (the agent's on
// mbedTLS, the consumer's on OpenSSL).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "port/clock.h"
#include "port/error.h"
#include "port/proxy_url.h"

namespace picket {

// What went wrong with one broker, in the words of the program's own log.
struct KafkaFault {
  std::string kind;  // "unknown_ca", "auth", "mechanism", "refused", ...: the label of the error counters
  std::string text;
};

struct BrokerCertificate {
  std::string issuer;
  std::optional<WallTime> not_after;
};

struct TlsFacts {
  std::string version;  // "TLSv1.3"; empty: librdkafka does not tell
  std::string cipher;
  BrokerCertificate certificate;
};

struct KafkaSessionOptions {
  // As for the program's own client; the bootstrap servers may be overridden by a later entry.
  std::vector<std::pair<std::string, std::string>> properties;
  // The program's own words for librdkafka's code and text.
  std::function<KafkaFault(int code, std::string_view reason)> describe;
  // Reads a broker's certificate (DER). Null where librdkafka tells about it itself: the agent's build.
  std::function<BrokerCertificate(std::string_view der)> read_certificate;
  // The program's own words for OpenSSL's verdict (X509_V_ERR_*) on the certificate at `depth`. As above.
  std::function<KafkaFault(const std::string& broker, int x509_error, int depth, std::string_view der)>
      describe_certificate;
  // Whether a certificate (DER) is for a numeric address, "[::1]", which OpenSSL takes for a name. As above.
  std::function<bool(std::string_view der, const std::string& address)> is_for_address;
  std::optional<ProxyUrl> proxy = {};  // brokers are reached through it
};

struct KafkaLogin {
  bool in = false;
  std::string cluster_id;
  std::optional<TlsFacts> tls;  // the handshake was completed
  std::string mechanisms;  // that the broker offers, "PLAIN,SCRAM-SHA-256"; empty: it did not come to that
  std::optional<KafkaFault> fault;  // when not in; absent: nothing happened within the limit
};

struct TopicFacts {
  enum class State : uint8_t { kThere, kMissing, kForbidden, kFailed };
  std::string name;
  State state = State::kFailed;
  std::string error;          // of kFailed
  bool knows_rights = false;  // the broker told what we may do
  bool may_read = false, may_write = false, may_describe = false;
  size_t partitions = 0;
  size_t without_leader = 0;
  size_t replicas = 0;        // of the partition with fewest
  size_t fewest_in_sync = 0;  // replicas in sync, of the partition with fewest
};

struct GroupFacts {
  // kAbsent: nobody joined it yet, and we may see so.
  enum class State : uint8_t { kThere, kAbsent, kForbidden, kFailed };
  State state = State::kFailed;
  std::string error;
  bool knows_rights = false;
  bool may_read = false;
  size_t members = 0;
};

class KafkaSession {
 public:
  // kConfig: librdkafka refuses a property; the text names it and no secret.
  static Expected<std::unique_ptr<KafkaSession>> Open(KafkaSessionOptions options);
  // Waits two seconds at most; what takes longer goes on by itself.
  virtual ~KafkaSession() = default;

  // Waits until a broker took our login, or one said why not, or `limit` is over.
  virtual const KafkaLogin& Connect(std::chrono::milliseconds limit) = 0;

  // The rest wants a login. kUnavailable: no answer, with the last fault's text; kPermission: not ours to
  // know.
  virtual Expected<std::vector<TopicFacts>> Topics(const std::vector<std::string>& names,
                                                   std::chrono::milliseconds limit) = 0;
  virtual Expected<std::map<std::string, std::string>> TopicConfig(const std::string& topic,
                                                                   std::chrono::milliseconds limit) = 0;
  virtual Expected<GroupFacts> Group(const std::string& group, std::chrono::milliseconds limit) = 0;
  // The greatest timestamp in the topic's `partitions` partitions; empty: no record there.
  virtual Expected<std::optional<WallTime>> LastTimestamp(const std::string& topic, size_t partitions,
                                                          std::chrono::milliseconds limit) = 0;
};

// What the lines that librdkafka writes with debug=security say, "FACILITY: text" taken apart. Pure; for the
// session and its test.
struct SecurityNews {
  std::optional<TlsFacts> tls;
  std::optional<std::string> mechanisms;
};
SecurityNews ReadSecurityLine(std::string_view facility, std::string_view text);

}  // namespace picket
