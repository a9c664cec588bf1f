#include "agent/cli/control_commands.h"

#include "agent/cli/config_sources.h"
#include "agent/control/reply.h"
#include "agent/control/server.h"
#include "agent/control/socket.h"
#include "agent/control/text.h"
#include "agent/spool/spool_file.h"

namespace picket {
namespace {

struct Question {
  const char* request;
  std::string (*text)(const JsonValue& reply);
  std::chrono::seconds patience;
};

Question QuestionOf(Options::Command command) {
  if (command == Options::Command::kReload) return {"reload", ReloadText, ControlServer::kAnswerTimeout};
  if (command == Options::Command::kBufferStats) {
    return {"buffer-stats", BufferStatsText, ControlServer::kTimeout};
  }
  return {"status", StatusText, ControlServer::kTimeout};
}

// Opening the buffer is the agent's business alone: it would be locked, and perhaps recovered, by this
// command.
void AppendBufferOnDisk(const ControlTarget& target, Error* error) {
  if (error->code != ErrorCode::kUnavailable || target.buffer_path.empty()) return;
  const uint64_t bytes = SpoolBytesOnDisk(target.buffer_path);
  error->message += "; " + target.buffer_path + " has " + std::to_string(bytes) +
                    " bytes on disk, and only a running agent says what is in it: start it";
}

}  // namespace

Expected<std::string> RunControlCommand(const Options& options) {
  const Expected<ControlTarget> target = ControlTargetFromOptions(options);
  if (!target) return std::unexpected(target.error());
  const Question question = QuestionOf(options.command);
  const Expected<std::string> line = AskAgent(target->socket, question.request, question.patience);
  if (!line) {
    Error error = line.error();
    if (options.command == Options::Command::kBufferStats) AppendBufferOnDisk(*target, &error);
    return std::unexpected(std::move(error));
  }
  JsonDocument document;
  const Expected<JsonValue> reply = ReadReply(*line, &document);
  if (!reply) return std::unexpected(reply.error());
  return options.json ? *line + "\n" : question.text(*reply);
}

}  // namespace picket
