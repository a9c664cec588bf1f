#include "agent/cli/versions.h"

#include "agent/check/regex.h"
#include "agent/forward/producer.h"
#include "agent/probe/prober.h"
#include "agent/spool/spool.h"
#include "port/version.h"

namespace picket {

std::string VersionText() {
  return std::string("picket ") + kVersion + "\n" + HttpLibraryVersion() + "\n" + KafkaLibraryVersion() + "\n" +
         SpoolLibraryVersion() + "\n" + RegexLibraryVersion() + "\n";
}

}  // namespace picket
