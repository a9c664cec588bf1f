// "ADDRESS:PORT" to a listening socket and back.
#pragma once

#include <string>

#include "port/error.h"

namespace picket {

// kInvalidArgument unless `address` is ADDRESS:PORT with a numeric address. Nothing is opened.
Status ValidateListenAddress(const std::string& address);

// A non-blocking, close-on-exec socket that listens; the caller closes it. Errors as HttpServer::Listen.
Expected<int> OpenListener(const std::string& address);

// The local address of a socket as "127.0.0.1:9116" or "[::1]:9116".
std::string LocalAddress(int fd);

}  // namespace picket
