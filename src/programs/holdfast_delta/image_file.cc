#include "programs/holdfast_delta/image_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "trust/crypto/running_hash.h"

namespace holdfast::programs {
namespace {

using linux::system::Descriptor;
using std::filesystem::path;

constexpr std::string_view kPartSuffix = ".holdfast-part";
constexpr mode_t kImageMode = 0644;
constexpr std::size_t kReadBytes = 64 * 1024;

std::unexpected<Error> failed(std::string_view act, const path& at) {
  const int error = errno;
  const Next next = error == ENOENT                      ? Next::NotFound
                    : error == EACCES || error == EPERM  ? Next::Denied
                    : error == ENOSPC || error == EDQUOT ? Next::Exhausted
                                                         : Next::Retry;
  return fail(next, kImageFailed,
              cat("expected to ", act, " ", printable(at.string()), ", saw: ", std::strerror(error)));
}

Result<void> sync_directory_of(const path& file) {
  const path directory = file.has_parent_path() ? file.parent_path() : path(".");
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return failed("open", directory);
  if (fsync(opened.number()) != 0) return failed("sync", directory);
  return {};
}

}  // namespace

Result<OldImageFile> OldImageFile::open(const path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return failed("open", path);
  struct stat facts{};
  if (fstat(file.number(), &facts) != 0) return failed("look at", path);
  if (!S_ISREG(facts.st_mode) && !S_ISBLK(facts.st_mode)) {
    return fail(Next::Rejected, kImageFailed,
                cat("expected a file or a block device, saw something else at ", printable(path.string())));
  }
  const off_t length = lseek(file.number(), 0, SEEK_END);
  if (length < 0) return failed("find the end of", path);
  return OldImageFile(std::move(file), path, static_cast<std::uint64_t>(length));
}

Result<void> OldImageFile::read(std::uint64_t offset, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = pread(file_.number(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path_);
    if (got == 0) {
      return fail(Next::Retry, kImageFailed,
                  cat("expected ", length_, " bytes, saw an image that shrank: ", printable(path_.string())));
    }
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<Digest256> OldImageFile::sha256() {
  trust::crypto::RunningSha256 digest;
  Blob piece(kReadBytes);
  for (std::uint64_t at = 0; at < length_;) {
    const auto part =
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(kReadBytes, length_ - at)));
    TRY(read(at, part));
    digest.add(part);
    at += part.size();
  }
  return digest.take();
}

Result<NewImageFile> NewImageFile::make(const path& path, std::uint64_t length) {
  struct stat facts{};
  if (lstat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode)) {
    return fail(Next::Conflict, kImageFailed,
                cat("expected a regular file or none, saw something else at ", printable(path.string())));
  }
  const std::filesystem::path part = path.string() + std::string(kPartSuffix);
  if (unlink(part.c_str()) != 0 && errno != ENOENT) return failed("remove", part);
  Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kImageMode));
  if (!file.is_open()) return failed("make", part);
  NewImageFile made(std::move(file), path, part);
  // Said now rather than after an hour of writing; a file system that cannot reserve is believed.
  if (length > 0 && fallocate(made.file_.number(), 0, 0, static_cast<off_t>(length)) != 0 && errno != EOPNOTSUPP) {
    return failed(cat("have room for ", length, " bytes in"), part);
  }
  return made;
}

NewImageFile::~NewImageFile() {
  if (file_.is_open()) unlink(part_.c_str());
}

Result<void> NewImageFile::write(std::uint64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(file_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", part_);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<void> NewImageFile::keep() {
  if (fsync(file_.number()) != 0) return failed("sync", part_);
  if (rename(part_.c_str(), path_.c_str()) != 0) return failed("rename to its name", part_);
  const Descriptor done = std::move(file_);
  return sync_directory_of(path_);
}

}  // namespace holdfast::programs
