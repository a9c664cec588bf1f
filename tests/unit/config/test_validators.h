// Checks that stand for those of the stages that own the libraries.
#pragma once

#include <string>

#include "agent/config/load.h"

namespace picket {

inline Validators TestValidators() {
  return {
      .url = [](const std::string& url) -> Status {
        if (url.starts_with("http://") || url.starts_with("https://")) return {};
        return Fail(ErrorCode::kInvalidArgument, "must begin with http:// or https://");
      },
      .url_host = [](const std::string& url) -> Expected<std::string> {
        const std::string rest = url.substr(url.find("//") + 2);
        return rest.substr(0, rest.find('/'));
      },
      .regex = [](const std::string& pattern) -> Status {
        if (!pattern.starts_with("(")) return {};
        return Fail(ErrorCode::kInvalidArgument, "at offset 3: missing closing parenthesis");
      },
      .listen = [](const std::string& address) -> Status {
        if (address.find(':') != std::string::npos) return {};
        return Fail(ErrorCode::kConfig, "is not ADDRESS:PORT");
      },
  };
}

}  // namespace picket
