#include "consumer/store/dimensions.h"

#include <set>
#include <utility>

namespace picket {
namespace {

constexpr const char* kInsertAgents =
    "INSERT INTO agent (name) SELECT name FROM unnest($1::text[]) AS n(name)"
    " WHERE NOT EXISTS (SELECT FROM agent a WHERE a.name = n.name) ORDER BY name ON CONFLICT DO NOTHING";
constexpr const char* kInsertLanes =
    "INSERT INTO lane (agent_id, epoch, stream) SELECT a.id, n.epoch, n.stream"
    " FROM unnest($1::text[], $2::int8[], $3::text[]) AS n(agent, epoch, stream) JOIN agent a ON a.name = "
    "n.agent"
    " WHERE NOT EXISTS (SELECT FROM lane l WHERE l.agent_id = a.id AND l.epoch = n.epoch)"
    " ORDER BY a.id, n.epoch ON CONFLICT DO NOTHING";
constexpr const char* kSelectLanes =
    "SELECT n.i, l.id FROM unnest($1::text[], $2::int8[]) WITH ORDINALITY AS n(agent, epoch, i)"
    " JOIN agent a ON a.name = n.agent JOIN lane l ON l.agent_id = a.id AND l.epoch = n.epoch";

// The expression of the constraint site_definition, so that its index serves.
#define PICKET_SITE_DEFINITION(t) \
  "(quote_literal(" t ".name) || ',' || quote_literal(" t ".url) || ',' || quote_nullable(" t ".regex))"
constexpr const char* kInsertSites =
    "INSERT INTO site (name, url, regex) SELECT n.name, n.url, n.regex"
    " FROM unnest($1::text[], $2::text[], $3::text[]) AS n(name, url, regex) WHERE NOT EXISTS (SELECT FROM "
    "site s WHERE " PICKET_SITE_DEFINITION("s") " = " PICKET_SITE_DEFINITION(
        "n") ") ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING";
constexpr const char* kSelectSites =
    "SELECT n.i, s.id FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS n(name, url, regex, "
    "i)"
    " JOIN site s ON " PICKET_SITE_DEFINITION("s") " = " PICKET_SITE_DEFINITION("n");
#undef PICKET_SITE_DEFINITION

#define PICKET_VERDICTS "unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])"
#define PICKET_SAME_VERDICT                                                                         \
  "v.outcome = n.outcome AND v.clock = n.clock AND v.error IS NOT DISTINCT FROM n.error"            \
  " AND v.http_version IS NOT DISTINCT FROM n.http_version AND v.tls_version IS NOT DISTINCT FROM " \
  "n.tls_version"
constexpr const char* kInsertVerdicts =
    "INSERT INTO verdict (outcome, error, clock, http_version, tls_version) SELECT n.* FROM " PICKET_VERDICTS
    " AS n(outcome, error, clock, http_version, tls_version)"
    " WHERE NOT EXISTS (SELECT FROM verdict v WHERE " PICKET_SAME_VERDICT
    ") ORDER BY 1, 2, 3, 4, 5 ON CONFLICT DO NOTHING";
constexpr const char* kSelectVerdicts =
    "SELECT n.i, v.id FROM " PICKET_VERDICTS
    " WITH ORDINALITY AS n(outcome, error, clock, http_version, tls_version, i)"
    " JOIN verdict v ON " PICKET_SAME_VERDICT;
#undef PICKET_SAME_VERDICT
#undef PICKET_VERDICTS

Status RunEach(Connection& connection,
               const std::vector<std::pair<const char*, std::vector<Param>>>& statements) {
  for (const auto& [sql, params] : statements) {
    if (const Expected<QueryResult> done = connection.Run(sql, params); !done)
      return std::unexpected(done.error());
  }
  return {};
}

// Rows of (position in `keys` from 1, id), one for each key.
template <typename Key>
Status Remember(const Expected<QueryResult>& rows, const std::vector<Key>& keys, const char* table,
                std::map<Key, int32_t>* memory) {
  if (!rows) return std::unexpected(rows.error());
  for (int row = 0; row < rows->Rows(); ++row) {
    (*memory)[keys[static_cast<size_t>(rows->Integer(row, 0)) - 1]] =
        static_cast<int32_t>(rows->Integer(row, 1));
  }
  if (rows->Rows() != static_cast<int>(keys.size())) {
    return Fail(ErrorCode::kInternal, "table %s: %d rows for %zu names", table, rows->Rows(), keys.size());
  }
  return {};
}

template <typename Key>
std::vector<Key> Unknown(const std::set<Key>& wanted, std::map<Key, int32_t>* memory) {
  if (memory->size() + wanted.size() > Dimensions::kMaxRemembered) memory->clear();
  std::vector<Key> unknown;
  for (const Key& key : wanted) {
    if (!memory->contains(key)) unknown.push_back(key);
  }
  return unknown;
}

}  // namespace

SiteKey SiteOf(const ProbeRow& row) {
  return {row.fields.name, row.fields.url, row.fields.regex};
}

VerdictKey VerdictOf(const ProbeRow& row) {
  const ProbeFields& fields = row.fields;
  return {fields.outcome, fields.error, row.clock, fields.http_version, fields.tls_version};
}

void Dimensions::Forget() {
  lanes_.clear();
  sites_.clear();
  verdicts_.clear();
}

Status Dimensions::Resolve(Connection& connection, const std::vector<Record>& records) {
  if (lanes_.size() > kMaxRemembered) lanes_.clear();
  std::map<LaneKey, std::string> lanes;  // those not known yet, with their streams
  std::set<SiteKey> sites;
  std::set<VerdictKey> verdicts;
  const auto want_lane = [&](const LaneKey& key, std::string_view stream) {
    if (!lanes_.contains(key)) lanes.emplace(key, stream);
  };
  for (const Record& record : records) {
    if (record.id) want_lane(record.id->lane, record.stream);
    if (const auto* row = std::get_if<ProbeRow>(&record.content)) {
      sites.insert(SiteOf(*row));
      verdicts.insert(VerdictOf(*row));
    } else if (const auto* fact = std::get_if<Fact>(&record.content)) {
      for (const LaneNews& news : fact->news) want_lane(news.lane, news.stream);
    }
  }
  if (Status done = ResolveLanes(connection, lanes); !done) return done;
  if (Status done = ResolveSites(connection, Unknown(sites, &sites_)); !done) return done;
  return ResolveVerdicts(connection, Unknown(verdicts, &verdicts_));
}

Status Dimensions::ResolveLanes(Connection& connection, const std::map<LaneKey, std::string>& wanted) {
  if (wanted.empty()) return {};
  std::vector<LaneKey> keys;
  std::vector<Param> agents, streams;
  std::vector<int64_t> epochs;
  std::set<std::string> agent_names;
  for (const auto& [key, stream] : wanted) {
    keys.push_back(key);
    agents.push_back(key.agent);
    agent_names.insert(key.agent);
    epochs.push_back(static_cast<int64_t>(key.epoch));
    streams.push_back(stream);
  }
  const std::vector<Param> names(agent_names.begin(), agent_names.end());
  const std::string agent_list = ArrayLiteral(agents), epoch_list = ArrayLiteral(epochs);
  if (Status inserted = RunEach(connection, {{"BEGIN", {}},
                                             {kInsertAgents, {ArrayLiteral(names)}},
                                             {kInsertLanes, {agent_list, epoch_list, ArrayLiteral(streams)}},
                                             {"COMMIT", {}}});
      !inserted) {
    return inserted;
  }
  return Remember(connection.Run(kSelectLanes, {agent_list, epoch_list}), keys, "lane", &lanes_);
}

Status Dimensions::ResolveSites(Connection& connection, const std::vector<SiteKey>& wanted) {
  if (wanted.empty()) return {};
  std::vector<Param> names, urls, regexes;
  for (const SiteKey& key : wanted) {
    names.push_back(key.name);
    urls.push_back(key.url);
    regexes.push_back(key.regex);
  }
  const std::vector<Param> params = {ArrayLiteral(names), ArrayLiteral(urls), ArrayLiteral(regexes)};
  if (Status inserted = RunEach(connection, {{kInsertSites, params}}); !inserted) return inserted;
  return Remember(connection.Run(kSelectSites, params), wanted, "site", &sites_);
}

Status Dimensions::ResolveVerdicts(Connection& connection, const std::vector<VerdictKey>& wanted) {
  if (wanted.empty()) return {};
  std::vector<Param> outcomes, errors, clocks, http_versions, tls_versions;
  for (const VerdictKey& key : wanted) {
    outcomes.push_back(key.outcome);
    errors.push_back(key.error);
    clocks.push_back(ClockStateName(key.clock));
    http_versions.push_back(key.http_version);
    tls_versions.push_back(key.tls_version);
  }
  const std::vector<Param> params = {ArrayLiteral(outcomes), ArrayLiteral(errors), ArrayLiteral(clocks),
                                     ArrayLiteral(http_versions), ArrayLiteral(tls_versions)};
  if (Status inserted = RunEach(connection, {{kInsertVerdicts, params}}); !inserted) return inserted;
  return Remember(connection.Run(kSelectVerdicts, params), wanted, "verdict", &verdicts_);
}

}  // namespace picket
