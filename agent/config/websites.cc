#include "agent/config/websites.h"

#include <string>
#include <utility>

#include "record/json_reader.h"

namespace picket {
namespace {

// One member of a site. Booleans, lists and objects are nothing that a site's key can be.
std::optional<YamlNode> MemberNode(const JsonValue& value, const Place& place, Diagnostics* diagnostics) {
  YamlNode node;
  node.place = place;
  if (value.IsNull()) return node;
  node.kind = YamlNode::Kind::kScalar;
  if (std::optional<std::string> text = value.GetString()) {
    node.text = *std::move(text);
  } else if (value.IsNumber()) {
    node.text = value.Raw();
  } else {
    diagnostics->Error(place, "a text or a number must stand here");
    return std::nullopt;
  }
  return node;
}

std::optional<YamlNode> SiteNode(const JsonValue& site, const std::string& path, Diagnostics* diagnostics) {
  YamlNode node;
  node.place = {path};
  if (!site.IsObject()) {
    diagnostics->Error(node.place, "must be an object as in {\"name\":\"...\",\"url\":\"https://...\"}");
    return std::nullopt;
  }
  node.kind = YamlNode::Kind::kMapping;
  bool good = true;
  for (JsonValue value = site.FirstChild(); value.IsPresent(); value = value.NextSibling()) {
    const std::string name = value.Name();
    const Place place{path + "." + name};
    std::optional<YamlNode> member = MemberNode(value, place, diagnostics);
    if (node.Find(name) != nullptr) {
      diagnostics->Error(place, "is here a second time");
      good = false;
    }
    good = good && member.has_value();
    if (good) node.members.push_back({name, place, *std::move(member)});
  }
  return good ? std::optional(std::move(node)) : std::nullopt;
}

}  // namespace

std::optional<YamlNode> ParseWebsites(const Variable& variable, Diagnostics* diagnostics) {
  JsonDocument document;
  if (const Status parsed = document.Parse(variable.value); !parsed) {
    diagnostics->Error(variable.place, "WEBSITES is not JSON: %s", parsed.error().message.c_str());
    return std::nullopt;
  }
  if (!document.Root().IsArray()) {
    diagnostics->Error(
        variable.place,
        "WEBSITES must be a JSON list as in [{\"name\":\"example\",\"url\":\"https://example.org\"}]");
    return std::nullopt;
  }
  YamlNode list;
  list.kind = YamlNode::Kind::kSequence;
  list.place = variable.place;
  size_t index = 0;
  bool good = true;
  for (JsonValue site = document.Root().FirstChild(); site.IsPresent(); site = site.NextSibling()) {
    auto node = SiteNode(site, "WEBSITES[" + std::to_string(index++) + "]", diagnostics);
    good = good && node.has_value();
    if (good) list.items.push_back(*std::move(node));
  }
  return good ? std::optional(std::move(list)) : std::nullopt;
}

}  // namespace picket
