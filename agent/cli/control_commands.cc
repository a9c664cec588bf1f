#include "agent/cli/control_commands.h"

#include "agent/cli/config_sources.h"
#include "agent/control/reply.h"
#include "agent/control/server.h"
#include "agent/control/socket.h"
#include "agent/control/text.h"

namespace picket {
namespace {

struct Question {
  const char* request;
  std::string (*text)(const JsonValue& reply);
  std::chrono::seconds patience;
};

Question QuestionOf(Options::Command command) {
  if (command == Options::Command::kReload) return {"reload", ReloadText, ControlServer::kAnswerTimeout};
  if (command == Options::Command::kBufferStats) return {"buffer-stats", BufferStatsText, ControlServer::kTimeout};
  return {"status", StatusText, ControlServer::kTimeout};
}

}  // namespace

Expected<std::string> RunControlCommand(const Options& options) {
  const Expected<std::string> socket = ControlSocketFromOptions(options);
  if (!socket) return socket;
  const Question question = QuestionOf(options.command);
  const Expected<std::string> line = AskAgent(*socket, question.request, question.patience);
  if (!line) return line;
  JsonDocument document;
  const Expected<JsonValue> reply = ReadReply(*line, &document);
  if (!reply) return std::unexpected(reply.error());
  return options.json ? *line + "\n" : question.text(*reply);
}

}  // namespace picket
