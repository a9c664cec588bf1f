#include "agent/control/reloader.h"

#include <algorithm>
#include <utility>

#include "agent/control/reply.h"
#include "port/thread_name.h"

namespace picket {
namespace {

// Names in a reply or a line, at most; the rest is counted.
constexpr size_t kMaxNames = 50;

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMaxNames); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMaxNames) text += " and " + std::to_string(names.size() - kMaxNames) + " more";
  return text;
}

void Note(const char* what, const std::vector<std::string>& names, std::string* line) {
  if (!names.empty()) *line += std::string("; ") + what + ": " + Join(names);
}

void WriteNames(JsonWriter& json, std::string_view name, const std::vector<std::string>& names) {
  json.Key(name);
  json.BeginArray();
  for (size_t i = 0; i < std::min(names.size(), kMaxNames); ++i) json.String(names[i]);
  json.EndArray();
}

void LogLines(Logger& logger, const std::string& lines) {
  for (size_t at = 0; at < lines.size();) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    logger.Error("config", "%s", lines.substr(at, end - at).c_str());
    at = end + 1;
  }
}

void Log(Logger& logger, const ReloadReport& report) {
  for (const std::string& warning : report.warnings) logger.Warning("config", "%s", warning.c_str());
  if (!report.result) {
    LogLines(logger, report.result.error().message);
    logger.Error("config", "the configuration is not reloaded: the one before stays in force");
    return;
  }
  const ConfigChanges& changes = report.changes;
  std::string line = changes.Empty() ? "; nothing has changed" : "";
  Note("applied", changes.applied, &line);
  Note("sites added", changes.sites_added, &line);
  Note("sites changed", changes.sites_changed, &line);
  Note("sites removed", changes.sites_removed, &line);
  logger.Info("config", "configuration reloaded%s", line.c_str());
  if (!changes.restart.empty()) {
    logger.Warning("config", "changed, but only a restart applies it: %s", Join(changes.restart).c_str());
  }
}

}  // namespace

std::string ReloadReply(const ReloadReport& report) {
  if (!report.result) return FailureReply(report.result.error());
  const ConfigChanges& changes = report.changes;
  return SuccessReply([&](JsonWriter& json) {
    WriteNames(json, "applied", changes.applied);
    WriteNames(json, "restart_needed", changes.restart);
    json.Key("sites");
    json.BeginObject();
    for (const auto& [name, names] : {std::pair("added", &changes.sites_added),
                                      std::pair("changed", &changes.sites_changed),
                                      std::pair("removed", &changes.sites_removed)}) {
      json.Key(name);
      json.BeginObject();
      json.Key("count");
      json.Integer(static_cast<int64_t>(names->size()));
      WriteNames(json, "names", *names);
      json.EndObject();
    }
    json.EndObject();
    WriteNames(json, "warnings", report.warnings);
  });
}

Reloader::Reloader(EventLoop& loop, Logger& logger, std::shared_ptr<const LoadedConfig> running, Hooks hooks)
    : loop_(loop), logger_(logger), running_(std::move(running)), hooks_(std::move(hooks)) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::Request(Done done) {
  if (waiting_.size() >= kMaxWaiting) {
    ReloadReport report;
    report.result = Fail(ErrorCode::kResourceExhausted, "%zu reloads wait already; try again", kMaxWaiting);
    return done(report);
  }
  waiting_.push_back(std::move(done));
  if (served_.empty()) Begin();
}

void Reloader::Begin() {
  served_ = std::exchange(waiting_, {});
  if (thread_.joinable()) thread_.join();  // it has posted its result, which was its last act
  thread_ = std::thread([this, running = running_] {
    NameThisThread("reload");
    auto prepared = std::make_shared<Expected<PreparedReload>>(hooks_.prepare(*running));
    // The loop's queue is full only when the loop hangs, and then nothing is to be reloaded; the agent is
    // restarted by its watchdog.
    loop_.Post([this, prepared] { Prepared(std::move(*prepared)); });
  });
}

void Reloader::Prepared(Expected<PreparedReload> prepared) {
  ReloadReport report;
  if (!prepared) {
    report.result = std::unexpected(std::move(prepared).error());
    return End(std::move(report));
  }
  report.changes = prepared->merged.changes;
  report.warnings = std::move(prepared->warnings);
  auto fresh = std::make_shared<const LoadedConfig>(prepared->merged.config);
  hooks_.apply(std::move(*prepared), [this, fresh, report = std::move(report)](Status applied) mutable {
    report.result = std::move(applied);
    if (report.result) {
      running_ = std::move(fresh);
      restart_needed_ = report.changes.restart;
    }
    End(std::move(report));
  });
}

void Reloader::End(ReloadReport report) {
  last_successful_ = report.result.has_value();
  ++(last_successful_ ? applied_ : refused_);
  Log(logger_, report);
  for (const Done& done : std::exchange(served_, {})) done(report);
  if (!waiting_.empty()) Begin();
}

}  // namespace picket
