#include "settings/proxy_variables.h"

#include <string>
#include <string_view>

namespace picket {

void WarnOfProxyVariables(const Environment& environment, const char* keys, Diagnostics* diagnostics) {
  constexpr std::string_view kNames[] = {"http_proxy", "https_proxy", "all_proxy", "no_proxy",
                                         "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};
  std::string set;
  for (const std::string_view name : kNames) {
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.value.empty()) continue;
    set.append(set.empty() ? "" : ", ").append(name);
  }
  if (set.empty()) return;
  diagnostics->Warning({"environment"}, "%s: picket does not go by these variables; a proxy is set with %s",
                       set.c_str(), keys);
}

}  // namespace picket
