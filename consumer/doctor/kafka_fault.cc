#include "consumer/doctor/kafka_fault.h"

#include <librdkafka/rdkafka.h>

#include "consumer/doctor/certificates.h"

namespace picket {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// "sasl_ssl://host:9094/bootstrap: text (after 3ms in state CONNECT)" -> "host:9094" and "text".
std::pair<std::string, std::string> TakeApart(std::string_view reason) {
  std::string broker = "the broker";
  const size_t scheme = reason.find("://");
  const size_t end = scheme == reason.npos ? scheme : reason.find(": ", scheme + 3);
  if (end != reason.npos) {
    const std::string_view name = reason.substr(scheme + 3, end - scheme - 3);
    broker = name.substr(0, name.find('/'));
    reason.remove_prefix(end + 2);
  }
  return {broker, std::string(reason.substr(0, reason.rfind(" (after ")))};
}

KafkaFault LoginFault(const std::string& broker, const std::string& text, const KafkaSettings& kafka) {
  constexpr std::string_view kList = "supported mechanisms: ";
  if (const size_t at = text.find(kList); at != text.npos || Contains(text, "mechanism handshake failed")) {
    const std::string offered = at == text.npos ? "" : "; it offers " + text.substr(at + kList.size());
    return {"mechanism",
            broker + " does not offer " + kafka.sasl_mechanism + offered + ": set kafka.sasl_mechanism"};
  }
  return {"auth", broker + " refused user '" + kafka.username + "' (" + kafka.sasl_mechanism +
                      "): check kafka.username and kafka.password (the broker said: " + text + ")"};
}

KafkaFault TlsFault(const std::string& broker, const std::string& text) {
  if (Contains(text, "PLAINTEXT") || Contains(text, "wrong version number") ||
      Contains(text, "packet length too long")) {
    return {"plaintext_port", broker +
                                  " gave an answer that is not TLS: check the port in kafka.brokers, is it "
                                  "that of a PLAINTEXT listener?"};
  }
  if (Contains(text, "alert")) return {"peer_alert", broker + " refused us in the TLS handshake: " + text};
  return {"protocol", "TLS with " + broker + " failed: " + text};
}

}  // namespace

KafkaFault DescribeKafkaFault(int code, std::string_view reason, int x509_error, const KafkaSettings& kafka) {
  const auto [broker, text] = TakeApart(reason);
  if (KafkaFault verdict = DescribeVerdict(x509_error, broker); !verdict.kind.empty()) return verdict;
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
      return LoginFault(broker, text, kafka);
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return {"dns", broker + ": " + text + ": check kafka.brokers and this machine's name servers"};
    case RD_KAFKA_RESP_ERR__SSL:
      return TlsFault(broker, text);
    default:
      break;
  }
  if (Contains(text, "SSL handshake") || Contains(text, "SSL_HANDSHAKE") || Contains(text, "PLAINTEXT"))
    return TlsFault(broker, text);
  if (Contains(text, "Connection refused")) {
    return {"refused", broker + ": " + text + ": check that the broker runs, and kafka.brokers"};
  }
  return {"transport", broker + ": " + text};
}

}  // namespace picket
