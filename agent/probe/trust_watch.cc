#include "agent/probe/trust_watch.h"

#include <utility>

#include "agent/probe/prober.h"
#include "port/ca_files.h"
#include "port/thread_name.h"

namespace picket {
namespace {

uint64_t StampOf(const std::string& path) {
  return CaFilesStamp(path.empty() ? FindSystemCaBundle() : path);
}

}  // namespace

TrustWatch::TrustWatch(const TrustStore& first, Logger& logger)
    : logger_(logger), path_(first.Path()), stamp_(first.Stamp()) {}

TrustWatch::~TrustWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TrustWatch::Start() {
  thread_ = std::thread([this] {
    NameThisThread("trust");
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, kPeriod, [this] { return stopping_; })) {
      lock.unlock();
      Look();
      lock.lock();
    }
  });
}

void TrustWatch::Follow(const TrustStore& read) {
  const std::lock_guard lock(mutex_);
  path_ = read.Path();
  stamp_ = read.Stamp();
  fresh_.reset();
}

std::shared_ptr<const TrustStore> TrustWatch::TakeFresh() {
  const std::lock_guard lock(mutex_);
  return std::exchange(fresh_, nullptr);
}

void TrustWatch::Look() {
  std::string path;
  uint64_t known;
  {
    const std::lock_guard lock(mutex_);
    path = path_;
    known = stamp_;
  }
  // Taken before the reading: what changes meanwhile shows at the next look.
  const uint64_t stamp = StampOf(path);
  if (stamp == known) return;
  Expected<std::unique_ptr<TrustStore>> read = LoadTrust(path, logger_);
  const std::lock_guard lock(mutex_);
  if (path_ != path) return;  // another file is followed meanwhile
  stamp_ = stamp;
  if (!read) {
    logger_.Warning("probe", "%s; sites are checked with the CA certificates of before",
                    read.error().message.c_str());
  } else if ((*read)->Size() > 0) {
    logger_.Info("probe", "%s has changed: %zu CA certificates from now on", (*read)->Path().c_str(),
                 (*read)->Size());
    fresh_ = *std::move(read);
  }
}

}  // namespace picket
