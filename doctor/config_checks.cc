#include "doctor/config_checks.h"

namespace picket {

void CheckConfiguration(const Diagnostics& diagnostics, const std::optional<std::string>& summary,
                        Report* report) {
  report->Area("configuration");
  for (const Diagnostic& item : diagnostics.Items()) {
    const std::string found = item.place.ToString() + ": " + item.message;
    if (item.severity == Severity::kError) {
      report->Fail("settings", found, "docs/configuration.md has every key; nothing else was checked");
    } else {
      report->Warn("settings", found, "picket goes on with it as it is");
    }
  }
  if (summary) report->Ok("settings", *summary);
}

}  // namespace picket
