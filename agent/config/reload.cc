#include "agent/config/reload.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "settings/keys.h"

namespace picket {
namespace {

bool IsHot(const Settings& settings, std::string_view name) {
  const auto keys = settings.Keys();
  return std::ranges::find(keys, name, &Key::name)->reload == Reload::kHot;
}

void CompareSites(const std::vector<SitePtr>& running, std::vector<SitePtr>* fresh, ConfigChanges* changes) {
  std::map<std::string_view, SitePtr> before;
  for (const SitePtr& site : running) before.emplace(site->name, site);
  for (SitePtr& site : *fresh) {
    const auto known = before.find(site->name);
    if (known == before.end()) {
      changes->sites_added.push_back(site->name);
      continue;
    }
    if (*known->second == *site) {
      site = known->second;
    } else {
      changes->sites_changed.push_back(site->name);
    }
    before.erase(known);
  }
  for (const auto& [name, site] : before) changes->sites_removed.emplace_back(name);
}

}  // namespace

Expected<MergedConfig> MergeConfig(const LoadedConfig& running, LoadedConfig fresh, bool require_kafka,
                                   const Validators& validators) {
  ConfigChanges changes;
  for (const std::string_view name : running.settings.Differences(fresh.settings)) {
    if (IsHot(fresh.settings, name)) {
      changes.applied.emplace_back(name);
      changes.kafka = changes.kafka || name.starts_with("kafka.");
    } else {
      changes.restart.emplace_back(name);
      fresh.settings.Adopt(name, running.settings);
    }
  }
  std::vector<SitePtr> sites = std::move(fresh.config.sites);
  CompareSites(running.config.sites, &sites, &changes);

  Diagnostics diagnostics;
  fresh.config =
      ReadAgentConfig(fresh.settings, std::move(sites), require_kafka, validators, &diagnostics);
  if (Status good = diagnostics.Result(); !good) {
    return std::unexpected(std::move(good).error().WithContext("only a restart can apply this configuration"));
  }
  return MergedConfig{.config = std::move(fresh), .changes = std::move(changes)};
}

}  // namespace picket
