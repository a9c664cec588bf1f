// What --version prints: picket's own version, and those of the libraries that face the network and the disk.
#pragma once

#include <string>

namespace picket {

// "picket 0.1.0\nlibrdkafka 2.14.2 ..." ; a line each, the first is picket's.
std::string VersionText();

}  // namespace picket
