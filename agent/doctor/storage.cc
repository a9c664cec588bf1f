#include "agent/doctor/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "agent/spool/os_file.h"
#include "agent/spool/set_aside.h"
#include "port/files.h"
#include "settings/values.h"

namespace picket {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kTrialWrites = 5;
constexpr size_t kTrialBytes = 4096;  // a page of the database
constexpr milliseconds kTrialLimit{3000};
constexpr milliseconds kSlowSync{500};
constexpr uint64_t kLeastBytes = 256 << 10;  // buffer.max_bytes' own minimum

struct KnownKind {
  uint64_t magic;
  const char* name;
  const char* warning;
  const char* hint;
};

// linux/magic.h
constexpr KnownKind kKinds[] = {
    {0xef53, "ext2/3/4", "", ""},
    {0x58465342, "xfs", "", ""},
    {0x9123683e, "btrfs", "", ""},
    {0xf2f52010, "f2fs", "", ""},
    {0x24051905, "ubifs", "", ""},
    {0x2fc12fc1, "zfs", "", ""},
    {0xca451a4e, "bcachefs", "", ""},
    {0x794c7630, "overlay", "",
     "an overlay: it lasts as long as its upper layer, which in a container goes with it"},
    {0x72b6, "jffs2", "",
     "jffs2 compresses and gathers garbage at its own times: expect slow moments, keep a quarter free"},
    {0x4d44, "vfat", "", "vfat has no journal: a power cut may damage more than the last write"},
    {0x01021994, "tmpfs", "tmpfs is memory: what is kept there is lost at a reboot", ""},
    {0x858458f6, "ramfs", "ramfs is memory: what is kept there is lost at a reboot", ""},
    {0x6969, "nfs", "nfs: locks and fsync of a network file system cannot be relied upon", ""},
    {0xff534d42, "cifs", "cifs: locks and fsync of a network file system cannot be relied upon", ""},
    {0xfe534d42, "smb2", "smb2: locks and fsync of a network file system cannot be relied upon", ""},
};

std::string Bytes(uint64_t bytes) {
  char text[32];
  if (bytes >= 10ull << 30) {
    snprintf(text, sizeof text, "%llu GiB", static_cast<unsigned long long>(bytes >> 30));
  } else if (bytes >= 10 << 20) {
    snprintf(text, sizeof text, "%llu MiB", static_cast<unsigned long long>(bytes >> 20));
  } else {
    snprintf(text, sizeof text, "%llu KiB", static_cast<unsigned long long>(bytes >> 10));
  }
  return text;
}

uint64_t SizeOf(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

std::string NearestExisting(std::string directory) {
  struct stat info = {};
  while (stat(directory.c_str(), &info) != 0 && directory != "/" && directory != ".")
    directory = DirectoryOf(directory);
  return directory;
}

std::string OtherOwner(const struct stat& info) {
  if (info.st_uid == geteuid()) return {};
  const passwd* user = getpwuid(info.st_uid);
  return user != nullptr ? user->pw_name : "uid " + std::to_string(info.st_uid);
}

// Writes and syncs as the buffer does, page by page.
Status TryWrites(const OsFile& file, const std::string& path, std::vector<microseconds>* took) {
  const std::array<char, kTrialBytes> page = {};
  const auto end = steady_clock::now() + kTrialLimit;
  for (size_t i = 0; i < kTrialWrites && steady_clock::now() < end; ++i) {
    const auto begin = steady_clock::now();
    if (pwrite(file.fd(), page.data(), page.size(), static_cast<off_t>(i * page.size())) !=
            static_cast<ssize_t>(page.size()) ||
        fdatasync(file.fd()) != 0) {
      return SystemError("write", path);
    }
    took->push_back(duration_cast<microseconds>(steady_clock::now() - begin));
  }
  return {};
}

void TryStorage(StorageFacts* facts) {
  const std::string path = facts->directory + "/.picket-doctor-" + std::to_string(getpid());
  std::vector<microseconds> took;
  Status written;
  {
    const OsFile file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (file.fd() < 0) {
      facts->write_error = SystemError("write to", facts->directory).error();
      return;
    }
    written = TryWrites(file, facts->directory, &took);
  }
  if (unlink(path.c_str()) != 0 && written) written = SystemError("delete", path);
  if (!written) facts->write_error = written.error();
  if (took.empty()) return;
  std::ranges::sort(took);
  facts->sync_time = took[took.size() / 2];
}

}  // namespace

FileSystemKind KindOfFileSystem(uint64_t magic) {
  for (const KnownKind& known : kKinds) {
    if (known.magic == magic) return {known.name, known.warning, known.hint};
  }
  char text[32];
  snprintf(text, sizeof text, "file system 0x%llx", static_cast<unsigned long long>(magic));
  return {text, "", ""};
}

Expected<StorageFacts> LookAtStorage(const std::string& buffer_path) {
  StorageFacts facts;
  const std::string wanted = DirectoryOf(buffer_path);
  facts.directory = NearestExisting(wanted);
  facts.exists = facts.directory == wanted;
  struct stat info = {};
  struct statfs system = {};
  struct statvfs space = {};
  if (stat(facts.directory.c_str(), &info) != 0 || statfs(facts.directory.c_str(), &system) != 0 ||
      statvfs(facts.directory.c_str(), &space) != 0) {
    return SystemError("look at", facts.directory);
  }
  facts.owner = OtherOwner(info);
  // Some of these numbers have the sign bit of a 32-bit word set, and its extension is no part of them.
  facts.kind = KindOfFileSystem(static_cast<uint32_t>(system.f_type));
  facts.free_bytes = static_cast<uint64_t>(space.f_bavail) * space.f_frsize;
  facts.buffer_bytes = SizeOf(buffer_path) + SizeOf(buffer_path + "-wal");
  facts.held_by = LockOwner(buffer_path);
  TryStorage(&facts);
  return facts;
}

void JudgeStorage(const StorageFacts& facts, const BufferConfig& buffer, Report* report) {
  const std::string place = facts.directory + " (" + facts.kind.name + ")";
  const bool full = facts.write_error && facts.write_error->code == ErrorCode::kResourceExhausted;
  if (facts.write_error && !full) {
    report->Fail(
        "directory",
        facts.write_error->message + (facts.exists ? "" : " (to make " + DirectoryOf(buffer.path) + ")"),
        "make it writable for the agent's user, or set buffer.path to a place that is");
    report->Skip("space", "nothing can be written there");
    return;
  }
  const std::string owner =
      facts.owner.empty()
          ? ""
          : ", owned by " + facts.owner + ": run doctor as the agent's user to check its permissions";
  const std::string what =
      (facts.exists ? place + " is writable" : DirectoryOf(buffer.path) + " will be made in " + place) +
      owner;
  if (!facts.kind.warning.empty()) {
    report->Warn("directory", place + ": " + facts.kind.warning,
                 "set buffer.path to a disk or flash that keeps what is written");
  } else {
    report->Ok("directory", what + (facts.kind.hint.empty() ? "" : "; " + facts.kind.hint));
  }

  const uint64_t room = facts.free_bytes + facts.buffer_bytes;
  const std::string space = Bytes(facts.free_bytes) + " free, the buffer has " + Bytes(facts.buffer_bytes) +
                            " and may have " + Bytes(buffer.max_bytes);
  if (full || room < kLeastBytes) {
    report->Fail("space", "the disk is full: " + space,
                 "free some space, or set buffer.path to another disk");
  } else if (room < buffer.max_bytes) {
    report->Warn("space", space,
                 "free some space, or lower buffer.max_bytes: a full disk makes the oldest results go early");
  } else {
    report->Ok("space", space);
  }
  if (full) return report->Skip("fsync", "the disk is full");

  char text[96];
  snprintf(text, sizeof text, "%.1f ms, the median of %zu writes of 4 KiB",
           static_cast<double>(facts.sync_time.count()) / 1000, kTrialWrites);
  if (facts.sync_time < kSlowSync) return report->Ok("fsync", text);
  report->Warn("fsync", text, "a slow disk: use buffer.mode offline, and a longer buffer.commit_interval");
}

}  // namespace picket
