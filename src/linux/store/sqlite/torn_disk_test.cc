#include "linux/store/sqlite/torn_disk.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace holdfast::linux::store::sqlite {
namespace {

constexpr std::size_t kSectorBytes = 512;
constexpr int kModelled = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL;

/// What SQLite allocates per file: ours, with the real one behind it.
struct OpenFile {
  sqlite3_file base;
  TornDisk* disk;
  std::string* path;  ///< null: passed through
  sqlite3_file* real_file() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

OpenFile* mine(sqlite3_file* file) { return reinterpret_cast<OpenFile*>(file); }
sqlite3_file* behind(sqlite3_file* file) { return mine(file)->real_file(); }

TornDisk& disk_of(sqlite3_file* file) { return *mine(file)->disk; }

int close(sqlite3_file* file) {
  delete mine(file)->path;
  return behind(file)->pMethods->xClose(behind(file));
}
int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return behind(file)->pMethods->xRead(behind(file), to, size, at);
}
int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const std::string* path = mine(file)->path;
  if (path != nullptr && disk_of(file).refuses_write(*path)) return SQLITE_FULL;
  const int code = behind(file)->pMethods->xWrite(behind(file), from, size, at);
  if (path != nullptr && code == SQLITE_OK) {
    const Bytes bytes(static_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size));
    disk_of(file).wrote(*path, bytes, static_cast<std::size_t>(at));
  }
  return code;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (mine(file)->path != nullptr) disk_of(file).truncated(*mine(file)->path, static_cast<std::size_t>(size));
  return behind(file)->pMethods->xTruncate(behind(file), size);
}
int sync(sqlite3_file* file, int flags) {
  if (disk_of(file).refuses_sync()) return SQLITE_IOERR_FSYNC;
  const int code = behind(file)->pMethods->xSync(behind(file), flags);
  if (mine(file)->path != nullptr && code == SQLITE_OK) disk_of(file).synced(*mine(file)->path);
  return code;
}
int size(sqlite3_file* file, sqlite3_int64* out) { return behind(file)->pMethods->xFileSize(behind(file), out); }
int lock(sqlite3_file* file, int level) { return behind(file)->pMethods->xLock(behind(file), level); }
int unlock(sqlite3_file* file, int level) { return behind(file)->pMethods->xUnlock(behind(file), level); }
int check_reserved(sqlite3_file* file, int* out) {
  return behind(file)->pMethods->xCheckReservedLock(behind(file), out);
}
int control(sqlite3_file* file, int op, void* argument) {
  return behind(file)->pMethods->xFileControl(behind(file), op, argument);
}
int sector_size(sqlite3_file*) { return static_cast<int>(kSectorBytes); }
int characteristics(sqlite3_file*) { return 0; }
int shm_map(sqlite3_file* file, int page, int bytes, int extend, void volatile** out) {
  return behind(file)->pMethods->xShmMap(behind(file), page, bytes, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return behind(file)->pMethods->xShmLock(behind(file), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { behind(file)->pMethods->xShmBarrier(behind(file)); }
int shm_unmap(sqlite3_file* file, int remove) { return behind(file)->pMethods->xShmUnmap(behind(file), remove); }

const sqlite3_io_methods kMethods = {
    2,         close,          read,    write,       truncate,        sync,    size,     lock,
    unlock,    check_reserved, control, sector_size, characteristics, shm_map, shm_lock, shm_barrier,
    shm_unmap, nullptr,        nullptr};

Blob content_of(sqlite3_file* file) {
  sqlite3_int64 bytes = 0;
  file->pMethods->xFileSize(file, &bytes);
  Blob out(static_cast<std::size_t>(bytes));
  if (!out.empty()) file->pMethods->xRead(file, out.data(), static_cast<int>(bytes), 0);
  return out;
}

/// What a TornDisk registers with SQLite.
struct Mount {
  sqlite3_vfs vfs;
  sqlite3_vfs* real;
  TornDisk* disk;
};

Mount* mount_of(sqlite3_vfs* vfs) { return static_cast<Mount*>(vfs->pAppData); }

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Mount* mount = mount_of(vfs);
  OpenFile* opened = mine(file);
  opened->base.pMethods = nullptr;
  opened->path = nullptr;
  opened->disk = mount->disk;
  const int code = mount->real->xOpen(mount->real, name, opened->real_file(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  opened->base.pMethods = &kMethods;
  if ((flags & kModelled) != 0) {
    opened->path = new std::string(name);
    mount->disk->opened(*opened->path, content_of(opened->real_file()));
  }
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  mount_of(vfs)->disk->deleted(name);
  return mount_of(vfs)->real->xDelete(mount_of(vfs)->real, name, sync_folder);
}

/// The disk's content with one change made.
void apply(Blob& content, std::size_t offset, Bytes bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

struct TornDisk::Registered : Mount {};

TornDisk::TornDisk() : registered_(std::make_unique<Registered>()) {
  Mount& mount = *registered_;
  mount.real = sqlite3_vfs_find(nullptr);
  mount.disk = this;
  mount.vfs = *mount.real;
  mount.vfs.zName = "torn";
  mount.vfs.szOsFile = static_cast<int>(sizeof(OpenFile)) + mount.real->szOsFile;
  mount.vfs.xOpen = open;
  mount.vfs.xDelete = remove;
  mount.vfs.pNext = nullptr;
  mount.vfs.pAppData = &mount;
  sqlite3_vfs_register(&mount.vfs, 1);
}

TornDisk::~TornDisk() {
  sqlite3_vfs_unregister(&registered_->vfs);
  sqlite3_vfs_register(registered_->real, 1);
}

void TornDisk::opened(const std::string& path, Bytes content) {
  const std::scoped_lock lock(mutex_);
  files_.try_emplace(path, File{to_blob(content), {}});
}

void TornDisk::wrote(const std::string& path, Bytes bytes, std::size_t offset) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t at = 0; at < bytes.size(); at += kSectorBytes) {
    const Bytes sector = bytes.subspan(at, std::min(kSectorBytes, bytes.size() - at));
    files_[path].pending.push_back({offset + at, to_blob(sector)});
  }
}

void TornDisk::truncated(const std::string& path, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  files_[path].pending.push_back({bytes, {}});
}

void TornDisk::deleted(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  files_.erase(path);
}

void TornDisk::synced(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  File& file = files_[path];
  for (const Change& change : file.pending) {
    if (change.bytes.empty()) {
      file.durable.resize(change.offset);
    } else {
      apply(file.durable, change.offset, change.bytes);
    }
  }
  file.pending.clear();
}

std::map<std::string, Blob> TornDisk::after_power_cut(std::uint64_t seed) {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, Blob> out;
  const std::uint64_t kept_of_four = seed % 5;  // from nothing to everything
  for (const auto& [path, file] : files_) {
    Blob& content = out[path] = file.durable;
    for (const Change& change : file.pending) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      if ((seed >> 33) % 4 >= kept_of_four || change.bytes.empty()) continue;
      apply(content, change.offset, change.bytes);
    }
  }
  return out;
}

void TornDisk::set_full(bool full) {
  const std::scoped_lock lock(mutex_);
  full_ = full;
}

void TornDisk::break_syncs() {
  const std::scoped_lock lock(mutex_);
  syncs_broken_ = true;
}

bool TornDisk::refuses_write(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  return full_ && path.ends_with("-wal");
}

bool TornDisk::refuses_sync() {
  const std::scoped_lock lock(mutex_);
  return syncs_broken_;
}

}  // namespace holdfast::linux::store::sqlite

TEST_CASE("a torn disk keeps what was synced and any part of the rest") {
  using namespace holdfast;
  linux::store::sqlite::TornDisk disk;
  disk.opened("file", {});
  disk.wrote("file", Blob(1024, 1), 0);
  disk.synced("file");
  disk.wrote("file", Blob(1024, 2), 512);
  CHECK(disk.after_power_cut(0)["file"] == Blob(1024, 1));
  CHECK(disk.after_power_cut(4)["file"].size() == 1536);
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Blob content = disk.after_power_cut(seed)["file"];
    torn = torn || (content.size() == 1024 && content[512] == 2) || (content.size() == 1536 && content[512] == 1);
    CHECK(content[0] == 1);
  }
  CHECK(torn);
}
