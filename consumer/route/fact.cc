#include "consumer/route/fact.h"

#include <limits>
#include <string_view>

namespace picket {
namespace {

std::unexpected<Error> BadMember(const char* name, const char* problem) {
  return Fail(ErrorCode::kCorrupt, "member '%s': %s", name, problem);
}

// Reads members of one fact and keeps the first thing that is wrong. Null is as good as absent.
class FactReader {
 public:
  explicit FactReader(const JsonValue& root) : root_(root) {}

  std::optional<std::string> Text(const char* name) {
    const JsonValue value = Find(name);
    if (!value.IsPresent()) return std::nullopt;
    std::optional<std::string> text = value.GetString();
    if (!text) return Refuse(name, "not a string");
    if (value.HasNul()) return Refuse(name, "contains NUL (U+0000)");
    return text;
  }

  std::optional<uint64_t> Epoch(const char* name) {
    const std::optional<std::string> text = Text(name);
    if (!text) return std::nullopt;
    uint64_t epoch = 0;
    if (!ParsePositiveDecimal(*text, &epoch)) return Refuse(name, "not a decimal number from 1 to 2^63-1");
    return epoch;
  }

  // 0 to 2^63-1.
  std::optional<uint64_t> Count(const char* name) {
    const JsonValue value = Find(name);
    if (!value.IsPresent()) return std::nullopt;
    const std::optional<int64_t> number = value.GetInteger();
    if (!number || *number < 0) return Refuse(name, "not an integer from 0 to 2^63-1");
    return static_cast<uint64_t>(*number);
  }

  // [[lo, hi], ...], hi inclusive.
  void Ranges(const char* name, RangeKind kind, std::vector<std::pair<RangeKind, SeqSpan>>* out) {
    const JsonValue list = Find(name);
    if (!list.IsArray()) return Note(name, "not an array of [first, last]");
    for (JsonValue pair = list.FirstChild(); pair.IsPresent(); pair = pair.NextSibling()) {
      const JsonValue first = pair.IsArray() && pair.Size() == 2 ? pair.FirstChild() : JsonValue();
      const std::optional<int64_t> lo = first.GetInteger();
      const std::optional<int64_t> last = first.NextSibling().GetInteger();
      if (!lo || !last || *lo < 1 || *last < *lo || *last == std::numeric_limits<int64_t>::max()) {
        return Note(name, "not an array of [first, last]");
      }
      out->push_back({kind, {static_cast<uint64_t>(*lo), static_cast<uint64_t>(*last) + 1}});
    }
  }

  // The lane the fact is about: members stream and lane_epoch.
  LaneNews Subject(const std::string& agent) {
    LaneNews news;
    const std::optional<uint64_t> epoch = Epoch("lane_epoch");
    if (!epoch) Note("lane_epoch", "missing");
    news.lane = {agent, epoch.value_or(0)};
    news.stream = Text("stream").value_or(std::string(kProbeStream));
    return news;
  }

  const Status& Result() const { return result_; }
  void Note(const char* name, const char* problem) {
    if (result_) result_ = BadMember(name, problem);
  }

 private:
  JsonValue Find(const char* name) const {
    const JsonValue value = root_.GetObjectItem(name);
    return value.IsNull() ? JsonValue() : value;
  }
  std::nullopt_t Refuse(const char* name, const char* problem) {
    Note(name, problem);
    return std::nullopt;
  }

  const JsonValue root_;
  Status result_;
};

// The start of a lane says how the one before it ended: whoever was killed cannot.
void ReadStart(FactReader& reader, const std::string& agent, Fact* fact) {
  LaneNews started = reader.Subject(agent);
  started.topic = reader.Text("topic");
  started.version = reader.Text("version").value_or("");
  started.previous_epoch = reader.Epoch("previous_epoch");

  if (started.previous_epoch) {
    LaneNews previous;
    previous.lane = {agent, *started.previous_epoch};
    previous.stream = started.stream;
    previous.topic = started.topic;
    previous.high = reader.Count("previous_high");
    const std::string end = reader.Text("previous_end").value_or("");
    if (end == "clean") {
      previous.end = LaneEnd::kClean;
    } else if (end == "unclean") {
      previous.end = LaneEnd::kUnclean;
      previous.unaccounted_max = reader.Count("unaccounted_max");
      if (!previous.unaccounted_max) reader.Note("unaccounted_max", "missing");
    } else {
      reader.Note("previous_end", "not clean or unclean");
    }
    fact->news.push_back(std::move(previous));
  }
  fact->news.push_back(std::move(started));
}

}  // namespace

Expected<Fact> ReadFact(const JsonValue& root, const MessageIdentity& identity) {
  FactReader reader(root);
  const std::optional<std::string> kind = reader.Text("fact");
  if (!kind) reader.Note("fact", "missing");

  Fact fact;
  if (kind == "start") {
    ReadStart(reader, identity.agent, &fact);
  } else if (kind == "end") {
    LaneNews news = reader.Subject(identity.agent);
    news.end = LaneEnd::kClean;
    news.high = reader.Count("high");
    if (!news.high) reader.Note("high", "missing");
    fact.news.push_back(std::move(news));
  } else if (kind == "drained") {
    LaneNews news = reader.Subject(identity.agent);
    news.drained = true;
    fact.news.push_back(std::move(news));
  } else if (kind == "evicted" || kind == "rejected") {
    const RangeKind range_kind = kind == "evicted" ? RangeKind::kEvicted : RangeKind::kRejected;
    LaneNews news = reader.Subject(identity.agent);
    reader.Ranges("ranges", range_kind, &news.ranges);
    if (range_kind == RangeKind::kRejected) news.rejected_reason = reader.Text("reason");
    fact.news.push_back(std::move(news));
  } else if (kind == "skipped") {
    const std::optional<uint64_t> count = reader.Count("count");
    if (!count) reader.Note("count", "missing");
    fact.skipped = count.value_or(0);
  }
  if (!reader.Result()) return std::unexpected(reader.Result().error());
  return fact;
}

}  // namespace picket
