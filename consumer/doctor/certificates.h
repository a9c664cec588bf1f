// Certificates as OpenSSL reads them; its types stay in certificates.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "doctor/kafka_session.h"
#include "port/clock.h"
#include "port/error.h"

namespace picket {

// Issuer and last day of a certificate (DER); both empty when it cannot be read.
BrokerCertificate ReadBrokerCertificate(std::string_view der);

struct CaFileFacts {
  size_t certificates = 0;
  size_t expired = 0;
};
// The certificates of a PEM text.
CaFileFacts ReadCaFile(const std::string& pem, WallTime now);

}  // namespace picket
