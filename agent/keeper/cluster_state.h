// What is known of the cluster, for people.
#pragma once

#include <cstdint>
#include <string>

#include "port/clock.h"

namespace picket {

struct ClusterState {
  enum class Contact : uint8_t {
    kNotYet,     // none since the start, and nothing overdue
    kConnected,  // there was contact, and nothing is known to have ended it
    kAway,       // out of reach
  };
  Contact contact = Contact::kNotYet;
  WallTime since;  // when that began

  // The last trouble, also when it is over; empty: there was none.
  std::string error_kind, error_text;
  WallTime error_at;
};

}  // namespace picket
