#include "agent/config/sites.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "agent/config/agent_keys.h"
#include "agent/config/websites.h"
#include "settings/values.h"

namespace picket {
namespace {

using std::chrono::milliseconds;

class SiteReader {
 public:
  SiteReader(const Settings& settings, const ConfigFiles& files, const Validators& validators,
             Diagnostics* diagnostics)
      : settings_(settings), files_(files), validators_(validators), diagnostics_(diagnostics) {
    default_proxy_ = ReadProxy(settings_, "defaults.proxy");
    // Two defaults that contradict each other are one error, not one a site.
    const bool refused =
        settings_.WasRefused("defaults.timeout") || settings_.WasRefused("defaults.interval");
    defaults_contradict_ = !refused && !IsTimeoutDefault() && DefaultTimeout() > DefaultInterval();
    if (defaults_contradict_) {
      diagnostics_->Error(
          settings_.PlaceOf("defaults.timeout"), "defaults.timeout %s is longer than defaults.interval %s",
          FormatDuration(DefaultTimeout()).c_str(), FormatDuration(DefaultInterval()).c_str());
    }
  }

  std::vector<SitePtr> Run() {
    const std::optional<YamlNode> websites = ReadVariable();
    const bool from_variable = settings_.OriginOf("sites").source == Origin::Source::kEnvironment;
    if (from_variable && !websites) return {};
    const YamlNode* list = websites ? &*websites : settings_.Node("sites");
    if (list == nullptr) {
      if (!settings_.WasRefused("sites")) {
        diagnostics_->Error(settings_.PlaceOf("sites"),
                            "sites is missing: say what to probe (or set WEBSITES)");
      }
      return {};
    }
    if (list->kind != YamlNode::Kind::kSequence) {
      diagnostics_->Error(list->place, "sites: a list must stand here, not %s", list->KindName());
      return {};
    }
    if (list->items.empty()) {
      diagnostics_->Error(list->place, "sites is empty: say what to probe");
      return {};
    }
    const auto limit = static_cast<size_t>(MaxSites());
    if (list->items.size() > limit) {
      diagnostics_->Error(list->place, "sites has %zu entries; at most %zu", list->items.size(), limit);
      return {};
    }
    for (const YamlNode& node : list->items) ReadSite(node);
    return std::move(sites_);
  }

 private:
  static int64_t MaxSites() {
    const auto keys = AgentKeys();
    return std::find_if(keys.begin(), keys.end(), [](const Key& key) { return key.name == "sites"; })->max;
  }

  milliseconds DefaultInterval() const { return settings_.Duration("defaults.interval"); }
  milliseconds DefaultTimeout() const { return settings_.Duration("defaults.timeout"); }
  bool IsTimeoutDefault() const { return !settings_.IsSet("defaults.timeout"); }

  std::optional<YamlNode> ReadVariable() {
    if (settings_.OriginOf("sites").source != Origin::Source::kEnvironment) return std::nullopt;
    return ParseWebsites(settings_.Variables().find("WEBSITES")->second, diagnostics_);
  }

  void ReadSite(const YamlNode& node) {
    const size_t errors_before = diagnostics_->ErrorCount();
    auto site = std::make_shared<Site>();
    site->interval = DefaultInterval();
    site->timeout = IsTimeoutDefault() ? std::min(DefaultTimeout(), DefaultInterval()) : DefaultTimeout();
    site->max_body_bytes = static_cast<uint64_t>(settings_.Integer("defaults.max_body"));
    site->max_redirects = static_cast<int>(settings_.Integer("defaults.max_redirects"));
    site->proxy = default_proxy_;

    Place name_place = node.place;
    if (node.kind == YamlNode::Kind::kScalar) {
      site->url = node.text;
      CheckUrl(site->url, node.place);
    } else if (node.kind == YamlNode::Kind::kMapping) {
      const Settings own = ReadMapping(SiteKeys(), node, files_, diagnostics_);
      if (diagnostics_->ErrorCount() == errors_before) ReadTimes(own, site.get());
      ReadOwn(own, site.get());
      name_place = own.PlaceOf("name");
    } else {
      diagnostics_->Error(node.place, "sites: a URL or a mapping must stand here, not %s", node.KindName());
    }
    if (diagnostics_->ErrorCount() != errors_before) return;
    if (site->name.empty() && !NameByHost(node.place, site.get())) return;
    const auto [first, added] = names_.emplace(site->name, name_place);
    if (!added) {
      diagnostics_->Error(name_place, "site name '%s' is taken by %s; names must be unique",
                          site->name.c_str(), first->second.ToString().c_str());
      return;
    }
    sites_.push_back(std::move(site));
  }

  void ReadOwn(const Settings& own, Site* site) {
    site->name = own.Text("name");
    site->url = own.Text("url");
    if (own.IsSet("url")) {
      CheckUrl(site->url, own.PlaceOf("url"));
    } else {
      diagnostics_->Error(own.PlaceOf("url"), "url is missing");
    }
    if (!own.Text("regex").empty()) {
      site->regex = own.Text("regex");
      if (const Status good = validators_.regex(*site->regex); !good) {
        diagnostics_->Error(own.PlaceOf("regex"), "regex: %s", good.error().message.c_str());
      }
    }
    if (own.IsSet("max_body")) site->max_body_bytes = static_cast<uint64_t>(own.Integer("max_body"));
    if (own.IsSet("proxy")) site->proxy = ReadProxy(own, "proxy");
    if (own.IsSet("max_redirects")) site->max_redirects = static_cast<int>(own.Integer("max_redirects"));
  }

  void ReadTimes(const Settings& own, Site* site) {
    if (own.IsSet("interval")) site->interval = own.Duration("interval");
    if (own.IsSet("timeout")) {
      site->timeout = own.Duration("timeout");
    } else if (IsTimeoutDefault()) {
      site->timeout = std::min(DefaultTimeout(), site->interval);
    }
    if (site->timeout <= site->interval) return;
    if (!own.IsSet("timeout") && !own.IsSet("interval") && defaults_contradict_) return;
    const char* place_of = own.IsSet("timeout") ? "timeout" : "interval";
    diagnostics_->Error(own.PlaceOf(place_of), "timeout %s is longer than interval %s",
                        FormatDuration(site->timeout).c_str(), FormatDuration(site->interval).c_str());
  }

  std::optional<ProxyUrl> ReadProxy(const Settings& settings, const char* key) {
    const std::string& text = settings.Text(key);
    if (text.empty() || EqualsIgnoreCase(text, "off")) return std::nullopt;
    Expected<ProxyUrl> proxy = ParseProxyUrl(text);
    if (proxy) return *std::move(proxy);
    diagnostics_->Error(settings.PlaceOf(key), "%s: %s", key, proxy.error().message.c_str());
    return std::nullopt;
  }

  void CheckUrl(const std::string& url, const Place& place) {
    if (const Status good = validators_.url(url); !good) {
      diagnostics_->Error(place, "url: %s", good.error().message.c_str());
    }
  }

  bool NameByHost(const Place& place, Site* site) {
    Expected<std::string> host = validators_.url_host(site->url);
    if (!host) {
      diagnostics_->Error(place, "url: %s", host.error().message.c_str());
      return false;
    }
    site->name = *std::move(host);
    return true;
  }

  const Settings& settings_;
  const ConfigFiles& files_;
  const Validators& validators_;
  Diagnostics* const diagnostics_;
  bool defaults_contradict_ = false;
  std::optional<ProxyUrl> default_proxy_;
  std::map<std::string, Place> names_;
  std::vector<SitePtr> sites_;
};

}  // namespace

std::vector<SitePtr> ReadSites(const Settings& settings, const ConfigFiles& files,
                               const Validators& validators, Diagnostics* diagnostics) {
  return SiteReader(settings, files, validators, diagnostics).Run();
}

}  // namespace picket
