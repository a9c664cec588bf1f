// The small tables a result points into: agents, lanes, sites, verdicts. Names to numbers, with a memory.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "consumer/route/records.h"
#include "consumer/store/connection.h"
#include "port/error.h"

namespace picket {

struct SiteKey {
  std::string name;
  std::string url;
  std::optional<std::string> regex;
  auto operator<=>(const SiteKey&) const = default;
};

struct VerdictKey {
  std::string outcome;
  std::optional<std::string> error;
  ClockState clock = ClockState::kOk;
  std::optional<std::string> http_version;
  std::optional<std::string> tls_version;
  auto operator<=>(const VerdictKey&) const = default;
};

SiteKey SiteOf(const ProbeRow& row);
VerdictKey VerdictOf(const ProbeRow& row);

// Numbers never change and rows are never deleted, so what was committed once may be remembered.
class Dimensions {
 public:
  // Bound on each memory; a full one is emptied.
  static constexpr size_t kMaxRemembered = 100'000;

  // Knows afterwards every lane, site and verdict of the records: those that the memory lacks are looked up,
  // and inserted when they are new, sorted, in a transaction of their own, so that two consumers that meet
  // the same new names wait for each other in one order.
  Status Resolve(Connection& connection, const std::vector<Record>& records);

  // Only for what Resolve has seen.
  int32_t LaneId(const LaneKey& key) const { return lanes_.at(key); }
  int32_t SiteId(const SiteKey& key) const { return sites_.at(key); }
  int32_t VerdictId(const VerdictKey& key) const { return verdicts_.at(key); }

  void Forget();

 private:
  Status ResolveLanes(Connection& connection, const std::map<LaneKey, std::string>& wanted);
  Status ResolveSites(Connection& connection, const std::vector<SiteKey>& wanted);
  Status ResolveVerdicts(Connection& connection, const std::vector<VerdictKey>& wanted);

  std::map<LaneKey, int32_t> lanes_;
  std::map<SiteKey, int32_t> sites_;
  std::map<VerdictKey, int32_t> verdicts_;
};

}  // namespace picket
