#include "linux/store/sqlite/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "linux/store/sqlite/connection.h"

namespace holdfast::linux::store::sqlite {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  return fail(Next::Retry, kStoreDiskFailed, cat("cannot ", what, " ", printable(path), ": ", std::strerror(errno)));
}

/// A new file survives a power cut only when its folder is on disk too.
Result<void> sync_folder_of(const std::string& path) {
  std::error_code failure;
  const std::string folder = std::filesystem::absolute(path, failure).parent_path().string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed("open the folder of", path);
  const int synced = ::fsync(descriptor);
  ::close(descriptor);
  if (synced != 0) return failed("sync the folder of", path);
  return {};
}

}  // namespace

Result<void> prepare_file(const std::string& path) {
  const int created = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  if (created >= 0) {
    ::close(created);
    return sync_folder_of(path);
  }
  if (errno != EEXIST) return failed("create", path);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return failed("look at", path);
  if (!S_ISREG(status.st_mode)) {
    return fail(Next::Rejected, ports::kStoreFailed,
                cat("expected a file at ", printable(path), ", saw something else"));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0 && ::chmod(path.c_str(), kOwnerOnly) != 0) {
    return failed("take others' rights from", path);
  }
  return {};
}

Result<std::unique_ptr<WalFile>> WalFile::open(const std::string& path, Sync sync) {
  // SQLite locks the database file and the -shm file, never the WAL: closing this descriptor drops no lock.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return failed("open", path);
  std::unique_ptr<WalFile> out(new WalFile(descriptor, sync ? std::move(sync) : Sync(::fdatasync)));
  TRY(sync_folder_of(path));
  return out;
}

WalFile::~WalFile() { ::close(descriptor_); }

Result<void> WalFile::sync() {
  while (sync_(descriptor_) != 0) {
    if (errno != EINTR) return failed("sync", "the write-ahead log");
  }
  return {};
}

}  // namespace holdfast::linux::store::sqlite
