// What is wrong with a broker's certificate, in the words of the agent. OpenSSL's types stay in the .cc file.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "port/clock.h"

namespace picket {

struct CertificateFault {
  std::string kind;  // unknown_ca, not_yet_valid, expired, wrong_host, weak_certificate, wrong_purpose, bad_certificate
  std::string text;  // one line: the cause and the setting to change
};

// `broker`: "host:9094". `x509_error`: an X509_V_ERR_* of OpenSSL, not X509_V_OK. `depth`: 0 is the broker's own
// certificate, above are its CAs. `der`: the certificate that the error is about. `now`: what the clock here says.
CertificateFault DescribeCertificate(const std::string& broker, int x509_error, int depth,
                                     std::span<const uint8_t> der, WallTime now);

}  // namespace picket
