// A SQLite VFS for tests: counts the operations that change files, fails the n-th, keeps a quota, remembers
// how large the files became, and plays a power cut.
//
// While one exists it is SQLite's default VFS. Syncs reach no device (a process does not see the
// difference, a test run does); only PowerCut knows what was synced.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace picket {

class TestVfs {
 public:
  TestVfs();
  ~TestVfs();
  TestVfs(const TestVfs&) = delete;
  TestVfs& operator=(const TestVfs&) = delete;

  enum class Fault { kOnce, kFromThenOn };
  // The n-th operation from now (from 1) fails: writes with SQLITE_IOERR_WRITE, syncs with
  // SQLITE_IOERR_FSYNC, and so on. As on Linux after a failed fsync(2), what was written before it can
  // still be read, will never reach the disk, and the next sync succeeds all the same.
  void FailAt(uint64_t n, Fault fault);
  void StopFailing() { fail_at_ = 0; }
  bool failed() const { return failed_; }
  uint64_t operations() const { return operations_; }

  // Files cannot grow once all of them together have this many bytes (SQLITE_FULL). 0: no quota.
  void SetQuota(uint64_t bytes) { quota_ = bytes; }

  // The most bytes that database and WAL had together at any time.
  uint64_t peak_bytes() const { return peak_bytes_; }
  uint64_t syncs() const { return syncs_; }

  // Puts every file into a state that a power cut may leave: what was synced last, and of the writes since
  // a random selection. All connections must be closed.
  void PowerCut(std::mt19937& random);

 private:
  friend struct TestVfsCalls;
  struct Change {
    bool truncate = false;
    uint64_t offset = 0;  // of a write; the new size of a truncation
    std::string bytes;
  };
  struct FileState {
    std::string synced;  // what is on the disk
    std::vector<Change> pending;
    uint64_t size = 0;
  };

  bool Fails();
  bool MayGrow(const std::string& path, uint64_t to);
  static void Apply(const Change& change, std::string* bytes);
  void NoteSize(const std::string& path, uint64_t size);

  sqlite3_vfs vfs_{};
  sqlite3_vfs* real_ = nullptr;
  std::map<std::string, FileState> files_;
  uint64_t operations_ = 0;
  uint64_t fail_at_ = 0;
  Fault fault_ = Fault::kOnce;
  bool failed_ = false;
  uint64_t quota_ = 0;
  uint64_t peak_bytes_ = 0;
  uint64_t syncs_ = 0;
};

}  // namespace picket
