#include "record/log_line.h"

#include "record/json_writer.h"
#include "record/utf8.h"

namespace picket {

std::string JsonLogLine(WallTime time, LogLevel level, std::string_view component, std::string_view text) {
  // Escapes make the text up to six times as long: a line too long is made again from half of it.
  size_t most = kMaxLogLineBytes;
  while (true) {
    std::string line;
    JsonWriter json(&line);
    json.BeginObject();
    json.Key("ts");
    json.String(FormatTimestamp(time));
    json.Key("level");
    json.String(LogLevelName(level));
    json.Key("component");
    json.String(component);
    json.Key("msg");
    json.String(text.size() <= most ? std::string(text) : std::string(Utf8Prefix(text, most)) + "...");
    json.EndObject();
    if (line.size() < kMaxLogLineBytes || most == 0) return line;
    most /= 2;
  }
}

LogLine LogLineOf(LogFormat format) {
  return format == LogFormat::kJson ? JsonLogLine : TextLogLine;
}

}  // namespace picket
