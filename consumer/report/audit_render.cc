#include <cstdio>
#include <set>

#include "consumer/report/audit.h"
#include "record/envelope.h"
#include "record/json_writer.h"

namespace picket {
namespace {

constexpr size_t kShownHoles = 5;

const char* StateOf(const LaneAccount& account) {
  if (account.stream == kStatusStream) return "facts";
  if (!account.end) return account.version ? "alive" : "not reported";
  return *account.end == LaneEnd::kClean ? "ended" : "killed";
}

std::string HolesText(const RangeSet& holes) {
  std::string text;
  size_t shown = 0;
  for (const SeqSpan& span : holes.Spans()) {
    if (++shown > kShownHoles) return text + ", ...";
    if (!text.empty()) text += ", ";
    text += std::to_string(span.lo);
    if (span.hi - span.lo > 1) text += "-" + std::to_string(span.hi - 1);
  }
  return text;
}

std::string Count(uint64_t count, const char* what) {
  return std::to_string(count) + " " + what;
}

std::string LaneLine(const LaneAccount& account, const LaneVerdict& verdict) {
  std::string line = "  " + account.stream + " " + std::to_string(account.lane.epoch) + " (" +
                     StateOf(account) + "): received " + std::to_string(verdict.received);
  const auto add = [&](uint64_t count, const char* what) {
    if (count > 0) line += ", " + Count(count, what);
  };
  add(verdict.rejected, "rejected");
  add(verdict.evicted, "evicted");
  add(verdict.missing, "missing");
  add(verdict.pending, "not yet arrived (may be in the agent's buffer)");
  if (verdict.unaccounted_max > 0)
    line += ", at most " + Count(verdict.unaccounted_max, "unaccounted (agent killed)");
  add(account.redelivered, "redelivered, dropped");
  add(account.expired, "past their retention");
  add(account.skipped, "probes skipped");
  add(verdict.duplicates, "duplicate rows");
  if (verdict.row_difference != 0) {
    line += "; table result has " + std::to_string(account.rows) + " rows, the ledger says " +
            std::to_string(verdict.received - account.expired);
  }
  if (!verdict.holes.Empty()) line += "; not here: " + HolesText(verdict.holes);
  if (account.rejected_reason) line += "; the broker refused: " + *account.rejected_reason;
  return line + "\n";
}

// Agents of which no lane was reported.
std::set<std::string> SilentAgents(const AuditInput& input) {
  std::set<std::string> all, reported;
  for (const LaneAccount& account : input.lanes) {
    all.insert(account.lane.agent);
    if (account.version || account.end || account.stream == kStatusStream)
      reported.insert(account.lane.agent);
  }
  for (const std::string& agent : reported) all.erase(agent);
  return all;
}

void JsonCount(JsonWriter* json, const char* key, uint64_t value) {
  json->Key(key);
  json->Integer(static_cast<int64_t>(value));
}

void LaneJson(const LaneAccount& account, JsonWriter* json) {
  const LaneVerdict verdict = Judge(account);
  json->BeginObject();
  json->Key("agent");
  json->String(account.lane.agent);
  json->Key("stream");
  json->String(account.stream);
  json->Key("epoch");
  json->String(std::to_string(account.lane.epoch));
  json->Key("version");
  json->StringOrNull(account.version);
  json->Key("state");
  json->String(StateOf(account));
  json->Key("drained");
  json->Bool(account.drained);
  JsonCount(json, "received", verdict.received);
  JsonCount(json, "rejected", verdict.rejected);
  JsonCount(json, "evicted", verdict.evicted);
  JsonCount(json, "missing", verdict.missing);
  JsonCount(json, "pending", verdict.pending);
  JsonCount(json, "unaccounted_max", verdict.unaccounted_max);
  JsonCount(json, "duplicates", verdict.duplicates);
  JsonCount(json, "redelivered", account.redelivered);
  JsonCount(json, "expired", account.expired);
  JsonCount(json, "skipped", account.skipped);
  JsonCount(json, "rows", account.rows);
  json->Key("holes");  // [first, last], last inclusive
  json->BeginArray();
  for (const SeqSpan& span : verdict.holes.Spans()) {
    json->BeginArray();
    json->Integer(static_cast<int64_t>(span.lo));
    json->Integer(static_cast<int64_t>(span.hi - 1));
    json->EndArray();
  }
  json->EndArray();
  json->EndObject();
}

}  // namespace

std::string AuditText(const AuditInput& input) {
  std::string text;
  const std::set<std::string> silent = SilentAgents(input);
  const std::string* agent = nullptr;
  for (const LaneAccount& account : input.lanes) {
    if (agent == nullptr || *agent != account.lane.agent) {
      agent = &account.lane.agent;
      text += "agent " + *agent + (silent.contains(*agent) ? " (agent side not reported)" : "") + "\n";
    }
    text += LaneLine(account, Judge(account));
  }
  if (input.dead_letters > 0) {
    text += Count(input.dead_letters, "dead letters, ") +
            Count(input.nameless_dead_letters, "of them name no record\n");
  }
  const AuditTotals totals = Sum(input);
  if (totals.redelivered > 0) text += "redelivered " + Count(totals.redelivered, "dropped\n");

  text += "received " + std::to_string(totals.received) + ", missing " + std::to_string(totals.missing) +
          ", duplicates " + std::to_string(totals.duplicates);
  if (totals.unaccounted_max > 0)
    text += "; at most " + Count(totals.unaccounted_max, "unaccounted (agent killed)");
  if (totals.pending > 0) text += "; " + Count(totals.pending, "not yet arrived");
  if (totals.evicted > 0) text += "; " + Count(totals.evicted, "evicted");
  if (totals.rejected > 0) text += "; " + Count(totals.rejected, "rejected");
  if (totals.rows_differ) text += "; table and ledger differ";
  return text + "\n";
}

std::string AuditJson(const AuditInput& input) {
  std::string text;
  JsonWriter json(&text);
  const AuditTotals totals = Sum(input);
  json.BeginObject();
  json.Key("ok");
  json.Bool(totals.Good());
  JsonCount(&json, "received", totals.received);
  JsonCount(&json, "rejected", totals.rejected);
  JsonCount(&json, "evicted", totals.evicted);
  JsonCount(&json, "missing", totals.missing);
  JsonCount(&json, "pending", totals.pending);
  JsonCount(&json, "unaccounted_max", totals.unaccounted_max);
  JsonCount(&json, "duplicates", totals.duplicates);
  JsonCount(&json, "redelivered", totals.redelivered);
  JsonCount(&json, "dead_letters", input.dead_letters);
  JsonCount(&json, "nameless_dead_letters", input.nameless_dead_letters);
  json.Key("agents_not_reported");
  json.BeginArray();
  for (const std::string& agent : SilentAgents(input)) json.String(agent);
  json.EndArray();
  json.Key("lanes");
  json.BeginArray();
  for (const LaneAccount& account : input.lanes) LaneJson(account, &json);
  json.EndArray();
  json.EndObject();
  return text + "\n";
}

}  // namespace picket
