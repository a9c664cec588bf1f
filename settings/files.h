// The files a configuration names, through an interface, so that tests own them.
#pragma once

#include <string>

#include "port/error.h"

namespace picket {

class ConfigFiles {
 public:
  virtual ~ConfigFiles() = default;
  // A whole regular file of at most limit_bytes; errors as port/files.h ReadFile.
  virtual Expected<std::string> Read(const std::string& path, size_t limit_bytes) const = 0;
  // Whether this process may read it: kNotFound, kPermission, kIo.
  virtual Status CheckReadable(const std::string& path) const = 0;
  // True when every user of the machine may read it. False as well when that cannot be told.
  virtual bool ReadableByAll(const std::string& path) const = 0;
};

const ConfigFiles& SystemConfigFiles();

}  // namespace picket
