#include "test_vfs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>

namespace picket {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

}  // namespace

// What SQLite calls. A file of ours is followed in memory by the real one.
struct TestVfsCalls {
  struct File {
    sqlite3_file base;
    TestVfs* owner;
    std::string path;  // empty for a temporary file
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File* As(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static TestVfs* Owner(sqlite3_vfs* vfs) { return static_cast<TestVfs*>(vfs->pAppData); }
  static sqlite3_vfs* Real(sqlite3_vfs* vfs) { return Owner(vfs)->real_; }

  static int Close(sqlite3_file* file) {
    File* const f = As(file);
    const int result = f->real()->pMethods->xClose(f->real());
    f->path.~basic_string();
    return result;
  }
  static int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    return As(file)->real()->pMethods->xRead(As(file)->real(), out, size, offset);
  }
  static int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    File* const f = As(file);
    const auto end = static_cast<uint64_t>(offset) + static_cast<uint64_t>(size);
    if (!f->owner->MayGrow(f->path, end)) return SQLITE_FULL;
    const bool fails = f->owner->Fails();
    const int result = f->real()->pMethods->xWrite(f->real(), bytes, size, offset);
    f->owner->files_[f->path].pending.push_back(
        {false, static_cast<uint64_t>(offset), std::string(static_cast<const char*>(bytes), size)});
    Measure(f);
    return fails ? SQLITE_IOERR_WRITE : result;
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    File* const f = As(file);
    if (f->owner->Fails()) return SQLITE_IOERR_TRUNCATE;
    const int result = f->real()->pMethods->xTruncate(f->real(), size);
    f->owner->files_[f->path].pending.push_back({true, static_cast<uint64_t>(size), {}});
    Measure(f);
    return result;
  }
  static int Sync(sqlite3_file* file, int) {
    File* const f = As(file);
    const bool fails = f->owner->Fails();
    TestVfs::FileState& state = f->owner->files_[f->path];
    if (!fails) {
      for (const TestVfs::Change& change : state.pending) TestVfs::Apply(change, &state.synced);
      ++f->owner->syncs_;
    }
    state.pending.clear();
    return fails ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return As(file)->real()->pMethods->xFileSize(As(file)->real(), size);
  }
  static int Lock(sqlite3_file* file, int level) {
    return As(file)->real()->pMethods->xLock(As(file)->real(), level);
  }
  static int Unlock(sqlite3_file* file, int level) {
    return As(file)->real()->pMethods->xUnlock(As(file)->real(), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* out) {
    return As(file)->real()->pMethods->xCheckReservedLock(As(file)->real(), out);
  }
  static int FileControl(sqlite3_file* file, int operation, void* argument) {
    File* const f = As(file);
    if (operation == SQLITE_FCNTL_SIZE_HINT) {
      const auto size = static_cast<uint64_t>(*static_cast<sqlite3_int64*>(argument));
      if (!f->owner->MayGrow(f->path, size) || f->owner->Fails()) return SQLITE_IOERR_WRITE;
    }
    const int result = f->real()->pMethods->xFileControl(f->real(), operation, argument);
    if (operation == SQLITE_FCNTL_SIZE_HINT) Measure(f);
    return result;
  }
  static int SectorSize(sqlite3_file* file) {
    return As(file)->real()->pMethods->xSectorSize(As(file)->real());
  }
  static int Characteristics(sqlite3_file* file) {
    return As(file)->real()->pMethods->xDeviceCharacteristics(As(file)->real());
  }
  static void Measure(File* f) {
    sqlite3_int64 size = 0;
    if (f->real()->pMethods->xFileSize(f->real(), &size) == SQLITE_OK) {
      f->owner->NoteSize(f->path, static_cast<uint64_t>(size));
    }
  }

  static const sqlite3_io_methods* Methods() {
    // Version 1: neither shared memory nor mapped pages, so that a use of them would be noticed.
    static const sqlite3_io_methods methods = {1,
                                               Close,
                                               Read,
                                               Write,
                                               Truncate,
                                               Sync,
                                               FileSize,
                                               Lock,
                                               Unlock,
                                               CheckReservedLock,
                                               FileControl,
                                               SectorSize,
                                               Characteristics,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr};
    return &methods;
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    file->pMethods = nullptr;
    if ((flags & SQLITE_OPEN_CREATE) != 0 && Owner(vfs)->Fails()) return SQLITE_CANTOPEN;
    File* const f = As(file);
    const int result = Real(vfs)->xOpen(Real(vfs), name, f->real(), flags, out_flags);
    if (result != SQLITE_OK) return result;
    f->owner = Owner(vfs);
    new (&f->path) std::string(name != nullptr ? name : "");
    file->pMethods = Methods();
    if (name != nullptr && !f->owner->files_.contains(f->path)) {
      f->owner->files_[f->path].synced = Contents(f->path);
    }
    Measure(f);
    return SQLITE_OK;
  }
  static int Delete(sqlite3_vfs* vfs, const char* name, int) {
    if (Owner(vfs)->Fails()) return SQLITE_IOERR_DELETE;
    Owner(vfs)->files_.erase(name);
    return Real(vfs)->xDelete(Real(vfs), name, 0);
  }
  static int Access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    return Real(vfs)->xAccess(Real(vfs), name, flags, out);
  }
  static int FullPathname(sqlite3_vfs* vfs, const char* name, int size, char* out) {
    return Real(vfs)->xFullPathname(Real(vfs), name, size, out);
  }
  static int Randomness(sqlite3_vfs* vfs, int size, char* out) {
    return Real(vfs)->xRandomness(Real(vfs), size, out);
  }
  static int Sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int CurrentTimeInt64(sqlite3_vfs* vfs, sqlite3_int64* out) {
    return Real(vfs)->xCurrentTimeInt64(Real(vfs), out);
  }
  static int GetLastError(sqlite3_vfs*, int, char*) { return 0; }
};

TestVfs::TestVfs() : real_(sqlite3_vfs_find(nullptr)) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = static_cast<int>(sizeof(TestVfsCalls::File)) + real_->szOsFile;
  vfs_.mxPathname = real_->mxPathname;
  vfs_.zName = "picket-test";
  vfs_.pAppData = this;
  vfs_.xOpen = TestVfsCalls::Open;
  vfs_.xDelete = TestVfsCalls::Delete;
  vfs_.xAccess = TestVfsCalls::Access;
  vfs_.xFullPathname = TestVfsCalls::FullPathname;
  vfs_.xRandomness = TestVfsCalls::Randomness;
  vfs_.xSleep = TestVfsCalls::Sleep;
  vfs_.xGetLastError = TestVfsCalls::GetLastError;
  vfs_.xCurrentTimeInt64 = TestVfsCalls::CurrentTimeInt64;
  sqlite3_vfs_register(&vfs_, 1);
}

TestVfs::~TestVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
}

void TestVfs::FailAt(uint64_t n, Fault fault) {
  fail_at_ = operations_ + n;
  fault_ = fault;
  failed_ = false;
}

bool TestVfs::Fails() {
  ++operations_;
  const bool fails =
      fail_at_ != 0 && (fault_ == Fault::kOnce ? operations_ == fail_at_ : operations_ >= fail_at_);
  failed_ = failed_ || fails;
  return fails;
}

bool TestVfs::MayGrow(const std::string& path, uint64_t to) {
  if (quota_ == 0) return true;
  // Sizes on disk: the spool also allocates without this VFS.
  uint64_t total = 0;
  uint64_t own = 0;
  for (const auto& [name, state] : files_) {
    std::error_code missing;
    const uint64_t size = std::filesystem::file_size(name, missing);
    if (missing) continue;
    total += size;
    if (name == path) own = size;
  }
  return to <= own || total - own + to <= quota_;
}

void TestVfs::NoteSize(const std::string& path, uint64_t size) {
  files_[path].size = size;
  uint64_t total = 0;
  for (const auto& [name, state] : files_) total += state.size;
  peak_bytes_ = std::max(peak_bytes_, total);
}

void TestVfs::Apply(const Change& change, std::string* bytes) {
  if (change.truncate) {
    bytes->resize(change.offset);
    return;
  }
  bytes->resize(std::max<size_t>(bytes->size(), change.offset + change.bytes.size()));
  bytes->replace(change.offset, change.bytes.size(), change.bytes);
}

void TestVfs::PowerCut(std::mt19937& random) {
  for (auto& [path, state] : files_) {
    std::string bytes = state.synced;
    for (const Change& change : state.pending) {
      if (random() % 2 == 0) Apply(change, &bytes);
    }
    state.pending.clear();
    state.synced = bytes;
    state.size = bytes.size();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
}

}  // namespace picket
