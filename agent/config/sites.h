// The list of sites, from the file or from WEBSITES. Behind LoadAgentConfig.
#pragma once

#include <vector>

#include "agent/config/config.h"
#include "agent/config/load.h"
#include "settings/settings.h"

namespace picket {

// `settings` by AgentKeys(). Reports what is wrong with a site and leaves that site out.
std::vector<SitePtr> ReadSites(const Settings& settings, const ConfigFiles& files,
                               const Validators& validators, Diagnostics* diagnostics);

}  // namespace picket
