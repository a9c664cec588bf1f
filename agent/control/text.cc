#include "agent/control/text.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <optional>

#include "port/clock.h"
#include "settings/values.h"

namespace picket {
namespace {

[[gnu::format(printf, 2, 3)]] void Print(std::string* out, const char* format, ...) {
  char line[2048];
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (length > 0) out->append(line, std::min(static_cast<size_t>(length), sizeof line - 1));
}

// The agent's texts hold what sites and brokers said: nothing in them may steer the terminal.
std::string Text(const JsonValue& value) {
  std::string text = value.GetString().value_or("?");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return text;
}

std::string Number(const JsonValue& value) {
  const auto number = value.GetInteger();
  return number ? std::to_string(*number) : "?";
}

std::string Size(const JsonValue& value) {
  const auto bytes = value.GetInteger();
  if (!bytes) return "?";
  constexpr int64_t kKilo = 1024;
  // Two digits are enough for people; --json has them all.
  if (*bytes >= kKilo * kKilo) return std::to_string(*bytes / (kKilo * kKilo)) + " MiB";
  return *bytes >= kKilo ? std::to_string(*bytes / kKilo) + " KiB" : std::to_string(*bytes) + " bytes";
}

std::string Span(std::chrono::seconds time) {
  using namespace std::chrono;
  if (time < seconds(0)) return "?";
  // No more than two units.
  if (time >= days(1)) time = floor<hours>(time);
  else if (time >= hours(1)) time = floor<minutes>(time);
  return FormatDuration(duration_cast<milliseconds>(time));
}

std::string Ago(const JsonValue& at, const std::optional<WallTime>& now) {
  WallTime time;
  const auto text = at.GetString();
  if (!text || !ParseTimestamp(*text, &time) || !now) return "?";
  if (*now < time) return "in the future of the agent's clock";
  return Span(std::chrono::seconds((now->us - time.us) / 1'000'000)) + " ago";
}

std::string Names(const JsonValue& list) {
  std::string names;
  for (JsonValue name = list.FirstChild(); name.IsPresent(); name = name.NextSibling()) {
    names += (names.empty() ? "" : ", ") + Text(name);
  }
  return names;
}

std::optional<WallTime> Time(const JsonValue& value) {
  WallTime time;
  const auto text = value.GetString();
  return text && ParseTimestamp(*text, &time) ? std::optional(time) : std::nullopt;
}

void PrintConfig(const JsonValue& config, std::string* out) {
  const std::string path = Text(config.GetObjectItem("path"));
  const bool refused = config.GetObjectItem("last_reload_successful").GetBool() == false;
  Print(out, "config    %s; reloads: %s applied, %s refused%s\n", path.empty() ? "environment" : path.c_str(),
        Number(config.GetObjectItem("reloads_applied")).c_str(),
        Number(config.GetObjectItem("reloads_refused")).c_str(),
        refused ? "; the last one was refused" : "");
  const std::string restart = Names(config.GetObjectItem("restart_needed"));
  if (!restart.empty()) Print(out, "          changed, but only a restart applies it: %s\n", restart.c_str());
}

void PrintKafka(const JsonValue& kafka, const std::optional<WallTime>& now, std::string* out) {
  const JsonValue since = kafka.GetObjectItem("since");
  Print(out, "kafka     %s since %s (%s)\n", Text(kafka.GetObjectItem("state")).c_str(), Text(since).c_str(),
        Ago(since, now).c_str());
  const JsonValue error = kafka.GetObjectItem("last_error");
  if (!error.IsObject()) return;
  Print(out, "          last error, %s, %s: %s\n", Text(error.GetObjectItem("kind")).c_str(),
        Ago(error.GetObjectItem("at"), now).c_str(), Text(error.GetObjectItem("text")).c_str());
}

void PrintSites(const JsonValue& sites, const std::optional<WallTime>& now, std::string* out) {
  Print(out, "sites     %s up, %s down, %s unknown, %s without a result yet\n",
        Number(sites.GetObjectItem("up")).c_str(), Number(sites.GetObjectItem("down")).c_str(),
        Number(sites.GetObjectItem("unknown")).c_str(), Number(sites.GetObjectItem("no_result_yet")).c_str());
  // More would scroll the rest away; --json has them.
  constexpr int kMostPrinted = 30;
  int printed = 0;
  const JsonValue list = sites.GetObjectItem("worst_first");
  for (JsonValue site = list.FirstChild(); site.IsPresent(); site = site.NextSibling()) {
    if (printed == kMostPrinted) break;
    ++printed;
    const JsonValue outcome = site.GetObjectItem("outcome");
    Print(out, "  %-8s %s", outcome.IsString() ? Text(outcome).c_str() : "-",
          Text(site.GetObjectItem("name")).c_str());
    if (outcome.IsString()) {
      Print(out, "  %s", Ago(site.GetObjectItem("at"), now).c_str());
      if (const auto spent = site.GetObjectItem("response_time").GetNumber()) Print(out, "  %.1f ms", *spent);
      const JsonValue error = site.GetObjectItem("error");
      if (error.IsString()) {
        const std::string detail = Text(site.GetObjectItem("error_detail"));
        Print(out, "  %s%s%s", Text(error).c_str(), detail.empty() ? "" : ": ", detail.c_str());
      }
    }
    *out += '\n';
  }
  if (printed == kMostPrinted) *out += "  ... (--json lists more)\n";
}

}  // namespace

std::string StatusText(const JsonValue& reply) {
  std::string out;
  const std::optional<WallTime> now = Time(reply.GetObjectItem("now"));
  const auto uptime = reply.GetObjectItem("uptime_seconds").GetInteger();
  Print(&out, "picket    %s, agent %s, pid %s, up %s\n", Text(reply.GetObjectItem("version")).c_str(),
        Text(reply.GetObjectItem("agent")).c_str(), Number(reply.GetObjectItem("pid")).c_str(),
        uptime ? Span(std::chrono::seconds(*uptime)).c_str() : "?");
  if (reply.GetObjectItem("clock_trusted").GetBool() == false) {
    Print(&out, "clock     %s is not trusted: it is before this picket was built; results are stamped unsynced\n",
          Text(reply.GetObjectItem("now")).c_str());
  }
  PrintConfig(reply.GetObjectItem("config"), &out);
  PrintKafka(reply.GetObjectItem("kafka"), now, &out);
  const JsonValue records = reply.GetObjectItem("records");
  Print(&out, "records   %s queued, %s in the window; %s stamped, %s acknowledged, %s rejected, %s evicted\n",
        Number(records.GetObjectItem("queued")).c_str(), Number(records.GetObjectItem("in_window")).c_str(),
        Number(records.GetObjectItem("stamped")).c_str(), Number(records.GetObjectItem("acknowledged")).c_str(),
        Number(records.GetObjectItem("rejected")).c_str(), Number(records.GetObjectItem("evicted")).c_str());
  const JsonValue buffer = reply.GetObjectItem("buffer");
  Print(&out, "buffer    %s records, %s of %s, in %s\n", Number(buffer.GetObjectItem("records")).c_str(),
        Size(buffer.GetObjectItem("bytes")).c_str(), Size(buffer.GetObjectItem("max_bytes")).c_str(),
        Text(buffer.GetObjectItem("path")).c_str());
  const JsonValue probes = reply.GetObjectItem("probes");
  Print(&out, "probes    %s up, %s down, %s unknown since the start; %s skipped, %s under way\n",
        Number(probes.GetObjectItem("up")).c_str(), Number(probes.GetObjectItem("down")).c_str(),
        Number(probes.GetObjectItem("unknown")).c_str(), Number(probes.GetObjectItem("skipped")).c_str(),
        Number(probes.GetObjectItem("in_flight")).c_str());
  PrintSites(reply.GetObjectItem("sites"), now, &out);
  return out;
}

std::string BufferStatsText(const JsonValue& reply) {
  std::string out;
  const JsonValue buffer = reply.GetObjectItem("buffer");
  Print(&out, "path              %s\n", Text(buffer.GetObjectItem("path")).c_str());
  Print(&out, "records           %s\n", Number(buffer.GetObjectItem("records")).c_str());
  Print(&out, "bytes on disk     %s of %s\n", Number(buffer.GetObjectItem("bytes")).c_str(),
        Number(buffer.GetObjectItem("max_bytes")).c_str());
  if (const auto each = buffer.GetObjectItem("bytes_per_record").GetNumber()) {
    Print(&out, "bytes a record    %.1f\n", *each);
  }
  for (const char* end : {"oldest", "newest"}) {
    const JsonValue time = buffer.GetObjectItem(end);
    if (time.IsString()) Print(&out, "%s            %s\n", end, Text(time).c_str());
  }
  Print(&out, "evicted           %s since the file was made\n", Number(buffer.GetObjectItem("evicted")).c_str());
  return out;
}

std::string ReloadText(const JsonValue& reply) {
  std::string out;
  for (JsonValue warning = reply.GetObjectItem("warnings").FirstChild(); warning.IsPresent();
       warning = warning.NextSibling()) {
    Print(&out, "%s\n", Text(warning).c_str());
  }
  bool changed = false;
  const JsonValue sites = reply.GetObjectItem("sites");
  for (const char* what : {"added", "changed", "removed"}) {
    const JsonValue list = sites.GetObjectItem(what);
    const JsonValue names = list.GetObjectItem("names");
    const auto count = list.GetObjectItem("count").GetInteger().value_or(0);
    if (count == 0) continue;
    changed = true;
    Print(&out, "sites %s: %s%s\n", what, Names(names).c_str(),
          count > static_cast<int64_t>(names.Size()) ? ", ..." : "");
  }
  const std::string applied = Names(reply.GetObjectItem("applied"));
  if (!applied.empty()) Print(&out, "applied: %s\n", applied.c_str());
  const std::string restart = Names(reply.GetObjectItem("restart_needed"));
  if (!restart.empty()) Print(&out, "changed, but only a restart applies it: %s\n", restart.c_str());
  if (!changed && applied.empty() && restart.empty()) return out + "reloaded; nothing has changed\n";
  return out + "reloaded\n";
}

}  // namespace picket
