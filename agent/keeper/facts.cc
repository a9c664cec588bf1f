#include "agent/keeper/facts.h"

#include "record/json_writer.h"

namespace picket {
namespace {

void Head(JsonWriter* json, std::string_view fact, std::string_view stream) {
  json->Key("fact");
  json->String(fact);
  json->Key("stream");
  json->String(stream);
}

// Epochs have 63 bits: more than a JSON number holds for many readers, so they travel as text.
void Epoch(JsonWriter* json, std::string_view name, uint64_t epoch) {
  json->Key(name);
  json->String(std::to_string(epoch));
}

void Number(JsonWriter* json, std::string_view name, uint64_t value) {
  json->Key(name);
  json->Integer(static_cast<int64_t>(value));
}

void Ranges(JsonWriter* json, std::span<const SeqRange> ranges) {
  json->Key("ranges");
  json->BeginArray();
  for (const SeqRange& range : ranges) {
    json->BeginArray();
    json->Integer(static_cast<int64_t>(range.first));
    json->Integer(static_cast<int64_t>(range.last));
    json->EndArray();
  }
  json->EndArray();
}

void NoPrevious(JsonWriter* json) {
  for (const std::string_view name : {"previous_epoch", "previous_end", "previous_high", "unaccounted_max"}) {
    json->Key(name);
    json->Null();
  }
}

}  // namespace

std::string FactBody(const StartFact& fact) {
  std::string body;
  JsonWriter json(&body);
  Head(&json, "start", fact.stream);
  json.Key("topic");
  json.String(fact.topic);
  Epoch(&json, "lane_epoch", fact.lane_epoch);
  if (fact.previous) {
    Epoch(&json, "previous_epoch", fact.previous->epoch);
    json.Key("previous_end");
    json.String(fact.previous->clean ? "clean" : "unclean");
    Number(&json, "previous_high", fact.previous->high);
    Number(&json, "unaccounted_max", fact.previous->clean ? 0 : fact.previous->unaccounted_max);
  } else {
    NoPrevious(&json);
  }
  json.Key("version");
  json.String(fact.version);
  return body;
}

std::string EndFactBody(std::string_view stream, uint64_t lane_epoch, uint64_t high) {
  std::string body;
  JsonWriter json(&body);
  Head(&json, "end", stream);
  Epoch(&json, "lane_epoch", lane_epoch);
  Number(&json, "high", high);
  return body;
}

std::string EvictedFactBody(std::string_view stream, uint64_t lane_epoch, std::span<const SeqRange> ranges) {
  std::string body;
  JsonWriter json(&body);
  Head(&json, "evicted", stream);
  Epoch(&json, "lane_epoch", lane_epoch);
  Ranges(&json, ranges);
  return body;
}

std::string RejectedFactBody(std::string_view stream, uint64_t lane_epoch, std::span<const SeqRange> ranges,
                             std::string_view reason) {
  std::string body;
  JsonWriter json(&body);
  Head(&json, "rejected", stream);
  Epoch(&json, "lane_epoch", lane_epoch);
  Ranges(&json, ranges);
  json.Key("reason");
  json.String(reason);
  return body;
}

std::string DrainedFactBody(std::string_view stream, uint64_t lane_epoch) {
  std::string body;
  JsonWriter json(&body);
  Head(&json, "drained", stream);
  Epoch(&json, "lane_epoch", lane_epoch);
  return body;
}

std::string SkippedFactBody(uint64_t count) {
  std::string body;
  JsonWriter json(&body);
  Head(&json, "skipped", kProbeStream);
  Number(&json, "count", count);
  return body;
}

}  // namespace picket
