#include "kafka/broker_error.h"

#include <librdkafka/rdkafka.h>

namespace picket {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// "sasl_ssl://host:9094/bootstrap: text (after 3ms in state CONNECT)" -> "host:9094" and "text". What has no
// such frame keeps its whole text.
BrokerError TakeApart(std::string_view reason) {
  BrokerError error;
  const size_t scheme = reason.find("://");
  const size_t end = reason.find(": ", scheme == reason.npos ? 0 : scheme + 3);
  if (scheme != reason.npos && scheme < 16 && end != reason.npos) {
    const std::string_view broker = reason.substr(scheme + 3, end - scheme - 3);
    error.broker = broker.substr(0, broker.find('/'));
    reason.remove_prefix(end + 2);
  }
  // Behind it librdkafka may count: "(after 3ms in state CONNECT, 2 identical error(s) suppressed)".
  if (const size_t after = reason.rfind(" (after "); after != reason.npos && reason.ends_with(")")) {
    reason = reason.substr(0, after);
  }
  error.text = reason;
  return error;
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

// "...: broker's supported mechanisms: PLAIN,SCRAM-SHA-512" -> the list.
std::string_view OfferedMechanisms(std::string_view text) {
  constexpr std::string_view kList = "supported mechanisms: ";
  const size_t at = text.find(kList);
  return at == text.npos ? std::string_view() : text.substr(at + kList.size());
}

void DescribeLogin(BrokerError* error, const KafkaSettings& settings) {
  if (Contains(error->text, "mechanism handshake failed") || Contains(error->text, "supported mechanisms")) {
    error->kind = "mechanism";
    const std::string offered(OfferedMechanisms(error->text));
    error->text = error->broker + " does not offer " + settings.sasl_mechanism +
                  (offered.empty() ? "" : "; it offers " + offered) + ": set kafka.sasl_mechanism";
    return;
  }
  error->kind = "auth";
  error->text = error->broker + " refused " + LoginName(settings) +
                ": check kafka.username and kafka.password (the broker said: " + error->text + ")";
}

// OpenSSL's words, of the consumer: "...error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL alert number
// 42". What is wrong with the broker's certificate is known better elsewhere (consumer/source/broker_certificate).
bool DescribeOpenSsl(BrokerError* error) {
  if (Contains(error->text, "SSL alert number") || Contains(error->text, "client SSL authentication might be required")) {
    error->kind = "peer_alert";
    std::string_view alert = error->text;
    if (const size_t words = alert.find("alert "); words != alert.npos) alert.remove_prefix(words + 6);
    alert = alert.substr(0, alert.find(':'));
    error->text = error->broker + " sent the TLS alert '" + std::string(alert) +
                  "': it may want a client certificate it knows, see kafka.cert_file and kafka.key_file";
    return true;
  }
  if (Contains(error->text, "PLAINTEXT broker listener?") || Contains(error->text, "wrong version number") ||
      Contains(error->text, "packet length too long") || Contains(error->text, "record layer failure")) {
    error->kind = "plaintext_port";
    error->text = error->broker +
                  " does not speak TLS: connecting to a PLAINTEXT broker listener? Check the port in kafka.brokers";
    return true;
  }
  return false;
}

// getaddrinfo(3) in the words of the C library: musl and glibc agree on "not".
void DescribeNames(BrokerError* error) {
  error->kind = "dns";
  const std::string said = " (" + error->text + ")";
  if (Contains(error->text, "emporary failure") || Contains(error->text, "ry again")) {
    error->text = "no name server answers for " + error->broker + said +
                  ": check this machine's network and its /etc/resolv.conf";
  } else {
    error->text = "the name of " + error->broker + " is not known" + said + ": correct kafka.brokers";
  }
}

void DescribeTransport(int code, BrokerError* error) {
  const std::string where = error->broker.empty() ? "" : error->broker + ": ";
  if (Contains(error->text, "Connection refused")) {
    error->kind = "refused";
    error->text = where + error->text + ": start the broker, or correct kafka.brokers";
  } else if (code == RD_KAFKA_RESP_ERR__TIMED_OUT || Contains(error->text, "timed out")) {
    error->kind = "timeout";
    error->text = where + error->text + ": check the network, firewalls and kafka.brokers";
  } else {
    error->kind = code == RD_KAFKA_RESP_ERR__TRANSPORT ? "transport" : code == RD_KAFKA_RESP_ERR__SSL ? "tls" : "other";
    error->text = where + error->text;
  }
}

}  // namespace

std::string LoginName(const KafkaSettings& settings) {
  if (!settings.security_protocol.starts_with("SASL_")) return "this client";
  return "user '" + settings.username + "' (" + settings.sasl_mechanism + ")";
}

BrokerError DescribeBrokerError(int code, std::string_view reason, const KafkaSettings& settings) {
  BrokerError error = TakeApart(reason);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    return {.kind = "away", .broker = {}, .text = "no broker can be reached: check the network and kafka.brokers"};
  }
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
      code == RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM) {
    DescribeLogin(&error, settings);
    return error;
  }
  if (std::string cause = TakeTlsCause(&error.text); !cause.empty()) {
    error.kind = std::move(cause);
    return error;
  }
  if (code == RD_KAFKA_RESP_ERR__RESOLVE) {
    DescribeNames(&error);
  } else if (!DescribeOpenSsl(&error)) {
    DescribeTransport(code, &error);
  }
  return error;
}

}  // namespace picket
