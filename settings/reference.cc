#include "settings/reference.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "record/json_writer.h"
#include "settings/kafka_keys.h"
#include "settings/values.h"

namespace picket {
namespace {

std::string_view LastPart(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::string_view Section(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

void AppendList(const std::vector<std::string>& list, std::string* out) {
  *out += '[';
  for (size_t i = 0; i < list.size(); ++i) *out += (i == 0 ? "" : ", ") + YamlScalar(list[i]);
  *out += ']';
}

void AppendMap(const std::map<std::string, std::string>& map, std::string* out) {
  *out += '{';
  const char* separator = "";
  for (const auto& [name, value] : map) {
    *out += separator + YamlScalar(name) + ": ";
    *out += IsSecretKafkaProperty(name) ? YamlScalar(kRedacted) : YamlScalar(value);
    separator = ", ";
  }
  *out += '}';
}

std::string ValueText(const Settings& settings, const Key& key) {
  std::string text;
  switch (key.type) {
    case ValueType::kText:
    case ValueType::kFile:
    case ValueType::kChoice:
      return YamlScalar(settings.Text(key.name));
    case ValueType::kBool:
      return settings.Bool(key.name) ? "true" : "false";
    case ValueType::kInteger:
    case ValueType::kDuration:
    case ValueType::kSize:
      return FormatKeyNumber(key, settings.Integer(key.name));
    case ValueType::kTextList:
      AppendList(settings.List(key.name), &text);
      break;
    case ValueType::kTextMap:
      AppendMap(settings.Map(key.name), &text);
      break;
    case ValueType::kCustom:
      break;
  }
  return text;
}

void AppendKey(const Settings& settings, const Key& key, std::string_view indent, std::string* out) {
  const Origin& origin = settings.OriginOf(key.name);
  std::string name(LastPart(key.name));
  std::string value;
  if (!key.secret) {
    value = ValueText(settings, key);
  } else if (!origin.file.empty()) {
    name += "_file";
    value = YamlScalar(origin.file);
  } else {
    value = settings.Text(key.name).empty() ? "" : YamlScalar(kRedacted);
  }
  out->append(indent).append(name).append(":");
  if (!value.empty()) out->append(" ").append(value);
  if (settings.IsSet(key.name)) out->append("  # ").append(origin.place.ToString());
  *out += '\n';
}

std::string Code(std::string_view text) {
  return text.empty() ? "" : "`" + std::string(text) + "`";
}

// A '|' would end the cell.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) cell.append(c == '|' ? "\\|" : std::string(1, c));
  return cell;
}

void AppendRow(std::initializer_list<std::string> cells, std::string* out) {
  for (const std::string& cell : cells) *out += "| " + (cell.empty() ? cell : Cell(cell) + " ");
  *out += "|\n";
}

}  // namespace

std::string PrintSettings(const Settings& settings,
                          const std::function<void(const Key& key, std::string* out)>& custom) {
  std::string out;
  std::string_view section;
  for (const Key& key : settings.Keys()) {
    const std::string_view here = Section(key.name);
    if (here != section && !here.empty()) out.append(here).append(":\n");
    section = here;
    if (key.type == ValueType::kCustom) {
      custom(key, &out);
    } else {
      AppendKey(settings, key, here.empty() ? "" : "  ", &out);
    }
  }
  return out;
}

std::string YamlScalar(std::string_view text) {
  // Anything a YAML reader might take for something else is quoted; JSON's quoting is YAML's.
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/';
  };
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), is_plain) && text[0] != '-' &&
                     text[0] != '.' && text != "null" && !ParseBool(text);
  if (plain) return std::string(text);
  std::string quoted;
  JsonWriter(&quoted).String(text);
  return quoted;
}

std::string KeyLimits(const Key& key) {
  switch (key.type) {
    case ValueType::kChoice: {
      std::string names;
      for (const std::string_view choice : key.choices) {
        names.append(names.empty() ? "`" : ", `").append(choice).append("`");
      }
      return names;
    }
    case ValueType::kInteger:
    case ValueType::kDuration:
    case ValueType::kSize: {
      std::string text = FormatKeyNumber(key, key.min);
      if (key.max != kUnlimited) {
        text += " to " + FormatKeyNumber(key, key.max);
      } else {
        text = "at least " + text;
      }
      if (!key.unlimited.empty()) text.append(", or `").append(key.unlimited).append("`");
      return text;
    }
    case ValueType::kText:
      return key.max == kUnlimited ? ""
                                   : std::to_string(key.min) + " to " + std::to_string(key.max) + " bytes";
    case ValueType::kTextList:
    case ValueType::kTextMap:
    case ValueType::kCustom:
      return key.max == kUnlimited ? ""
                                   : std::to_string(key.min) + " to " + std::to_string(key.max) + " entries";
    case ValueType::kBool:
    case ValueType::kFile:
      break;
  }
  return "";
}

std::string KeyReference(std::span<const Key> keys) {
  std::string out;
  AppendRow({"key", "type", "default", "limits", "environment", "change", "meaning"}, &out);
  out += "|---|---|---|---|---|---|---|\n";
  for (const Key& key : keys) {
    std::string name = Code(key.name);
    std::string environment = Code(key.environment);
    if (key.secret) {
      name += ", " + Code(std::string(key.name) + "_file");
      if (!key.environment.empty()) environment += ", " + Code(std::string(key.environment) + "_FILE");
    }
    AppendRow({name, ValueTypeName(key.type), Code(key.fallback), KeyLimits(key), environment,
               key.reload == Reload::kHot ? "hot" : "restart", std::string(key.help)},
              &out);
  }
  return out;
}

const char* ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kText:
      return "text";
    case ValueType::kFile:
      return "file";
    case ValueType::kChoice:
      return "choice";
    case ValueType::kBool:
      return "boolean";
    case ValueType::kInteger:
      return "number";
    case ValueType::kDuration:
      return "duration";
    case ValueType::kSize:
      return "size";
    case ValueType::kTextList:
      return "list";
    case ValueType::kTextMap:
      return "mapping";
    case ValueType::kCustom:
      return "list";
  }
  return "text";
}

std::string ReplaceBlock(std::string_view document, std::string_view name, std::string_view text) {
  const std::string begin = "<!-- begin " + std::string(name) + " -->\n";
  const std::string end = "<!-- end " + std::string(name) + " -->";
  const size_t from = document.find(begin);
  const size_t to = document.find(end);
  if (from == std::string_view::npos || to == std::string_view::npos || to < from) return "";
  return std::string(document.substr(0, from + begin.size())).append(text).append(document.substr(to));
}

}  // namespace picket
