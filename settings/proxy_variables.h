// The variables by which other programs are told of a proxy: picket goes by its own keys alone.
#pragma once

#include "settings/environment.h"
#include "settings/diagnostics.h"

namespace picket {

// One warning that names those of http_proxy, https_proxy, all_proxy and no_proxy, in either case, that are set,
// and `keys`, where a proxy is to be set instead ("kafka.proxy"). Never their values: they may hold a password.
void WarnOfProxyVariables(const Environment& environment, const char* keys, Diagnostics* diagnostics);

}  // namespace picket
