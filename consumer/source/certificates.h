// What librdkafka leaves to do about certificates on OpenSSL, whose types stay in certificates.cc.
#pragma once

#include <cstddef>
#include <string>

#include "port/error.h"

namespace picket {

// CAs as librdkafka takes them in ssl.ca.pem.
struct TrustedCas {
  std::string pem;
  size_t count = 0;
  size_t skipped = 0;  // that cannot be read, and are not trusted
  std::string source;  // the file or directory they are from
};

// Reads a PEM file or all files of a directory (librdkafka itself takes one with hashed names only, and gives up
// on a file with one bad certificate in it). Empty path: the system's bundle, whose source is then empty when there
// is none: librdkafka is left to look in OpenSSL's own places. kConfig names the setting when nothing can be read.
Expected<TrustedCas> ReadTrustedCas(const std::string& path);

// Whether the certificate (DER) was issued for that numeric address, IPv6 with or without brackets. OpenSSL does
// not take "[::1]", as librdkafka hands it over, for an address.
bool IsForAddress(const char* der, size_t size, const std::string& address);

}  // namespace picket
