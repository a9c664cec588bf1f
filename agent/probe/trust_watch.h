// Reads the CA certificates for sites anew when their file, or one of their directory, has changed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "agent/probe/tls_trust.h"
#include "port/log.h"

namespace picket {

// Has a thread of its own: the loop must not wait for a disk, and parsing takes milliseconds.
class TrustWatch {
 public:
  static constexpr std::chrono::seconds kPeriod{5};

  // `first` is what was read last. `logger` must outlive the watch.
  TrustWatch(const TrustStore& first, Logger& logger);
  // Stops the thread, within one reading.
  ~TrustWatch();
  TrustWatch(const TrustWatch&) = delete;
  TrustWatch& operator=(const TrustWatch&) = delete;

  // Begins to look, every kPeriod.
  void Start();

  // The caller has read these itself, maybe from another file, which is followed from now on; what was found in
  // the one of before is dropped.
  void Follow(const TrustStore& read);

  // What was read since the last call; null when nothing has changed, and when what is there now cannot be used:
  // that was logged, once a change.
  std::shared_ptr<const TrustStore> TakeFresh();

  // One look, as the thread takes it.
  void Look();

 private:
  Logger& logger_;
  std::mutex mutex_;  // of all below
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::string path_;  // empty: the system's bundle, if there is one some day
  uint64_t stamp_;
  std::shared_ptr<const TrustStore> fresh_;
  std::thread thread_;
};

}  // namespace picket
