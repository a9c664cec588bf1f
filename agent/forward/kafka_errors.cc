#include "agent/forward/kafka_errors.h"

#include <librdkafka/rdkafka.h>

#include <string>

namespace picket {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// "sasl_ssl://host:9094/bootstrap: text (after 3ms in state CONNECT)" -> "host:9094" and "text". What has no
// such frame keeps its whole text.
struct Framed {
  std::string broker;
  std::string text;
};

Framed TakeApart(std::string_view reason) {
  Framed framed;
  const size_t scheme = reason.find("://");
  const size_t end = reason.find(": ", scheme == reason.npos ? 0 : scheme + 3);
  if (scheme != reason.npos && scheme < 16 && end != reason.npos) {
    std::string_view broker = reason.substr(scheme + 3, end - scheme - 3);
    framed.broker = broker.substr(0, broker.find('/'));
    reason.remove_prefix(end + 2);
  }
  if (const size_t after = reason.rfind(" (after "); after != reason.npos && reason.ends_with(")")) {
    reason = reason.substr(0, after);
  }
  framed.text = reason;
  return framed;
}

// Leaves what stands behind "[tls:NAME] " in the text and returns NAME; empty when there is none. The rest is
// port/kafka_tls' own: it names the broker, the cause and the cure.
std::string TakeTlsCause(std::string* text) {
  constexpr std::string_view kOpen = "[tls:";
  const size_t begin = text->find(kOpen);
  if (begin == text->npos) return {};
  const size_t end = text->find(']', begin);
  if (end == text->npos) return {};
  std::string cause = text->substr(begin + kOpen.size(), end - begin - kOpen.size());
  text->erase(0, end + 1);
  if (text->starts_with(' ')) text->erase(0, 1);
  return cause;
}

std::string Login(const KafkaSettings& settings) {
  return "user '" + settings.username + "' (" + settings.sasl_mechanism + ")";
}

// "...: broker's supported mechanisms: PLAIN,SCRAM-SHA-512" -> the list.
std::string OfferedMechanisms(std::string_view text) {
  constexpr std::string_view kList = "supported mechanisms: ";
  const size_t at = text.find(kList);
  if (at == text.npos) return {};
  return std::string(text.substr(at + kList.size()));
}

ClusterEvent LoginFailed(const Framed& framed, const KafkaSettings& settings) {
  ClusterEvent event;
  if (Contains(framed.text, "mechanism handshake failed") || Contains(framed.text, "supported mechanisms")) {
    event.error_kind = "mechanism";
    const std::string offered = OfferedMechanisms(framed.text);
    event.text = framed.broker + " does not offer " + settings.sasl_mechanism +
                 (offered.empty() ? "" : "; it offers " + offered) + ": set kafka.sasl_mechanism";
    return event;
  }
  event.error_kind = "auth";
  event.text = framed.broker + " refused " + Login(settings) +
               ": check kafka.username and kafka.password (the broker said: " + framed.text + ")";
  return event;
}

std::string TransportKind(int code, std::string_view text) {
  if (code == RD_KAFKA_RESP_ERR__RESOLVE) return "dns";
  if (Contains(text, "Connection refused")) return "refused";
  if (code == RD_KAFKA_RESP_ERR__TIMED_OUT || Contains(text, "timed out")) return "timeout";
  return code == RD_KAFKA_RESP_ERR__TRANSPORT ? "transport" : "other";
}

}  // namespace

Delivery DeliveryOf(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Delivery::kAcknowledged;

    // About this record, or the batch it happened to be in.
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
      return Delivery::kRejected;

    // About the topic or about us: an operator cures it and nothing is lost. INVALID_TIMESTAMP is here
    // because the time is that of sending: our clock is wrong, or the topic should have LogAppendTime.
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Delivery::kRefused;

    default:
      return Delivery::kFailed;
  }
}

ClusterEvent DescribeError(int code, std::string_view reason, const KafkaSettings& settings) {
  Framed framed = TakeApart(reason);
  ClusterEvent event;
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    event.kind = ClusterEvent::Kind::kAway;
    event.error_kind = "away";
    event.text = "no broker can be reached: results are kept and sent later";
    return event;
  }
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
      code == RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM) {
    return LoginFailed(framed, settings);
  }
  if (const std::string cause = TakeTlsCause(&framed.text); !cause.empty()) {
    event.error_kind = cause;
    event.text = framed.text;
    return event;
  }
  event.error_kind = code == RD_KAFKA_RESP_ERR__SSL ? "tls" : TransportKind(code, framed.text);
  event.text = (framed.broker.empty() ? "" : framed.broker + ": ") + framed.text;
  if (event.error_kind == "dns") event.text += ": check kafka.brokers and this machine's name servers";
  if (event.error_kind == "refused") event.text += ": is the broker running, is kafka.brokers right?";
  return event;
}

ClusterEvent DescribeFatal(int code, std::string_view reason, const KafkaSettings& settings) {
  ClusterEvent event;
  if (code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
      code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
    event.error_kind = "permission";
    event.text =
        Login(settings) + " may not write to any topic: grant Write and Describe on '" + settings.topic + "'";
    return event;
  }
  event.error_kind = "fatal";
  event.text = "the producer failed and is made anew: " + std::string(reason);
  return event;
}

}  // namespace picket
