#include "programs/holdfast/archive_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/system/files.h"
#include "service/backup/archive.h"

namespace holdfast::programs {
namespace {

namespace system = linux::system;
using std::filesystem::path;

constexpr std::size_t kReadAheadBytes = 256 * 1024;

std::unexpected<Error> failed(std::string_view act, const path& at) {
  const int error = errno;
  const Next next = error == ENOENT                      ? Next::NotFound
                    : error == EEXIST                    ? Next::Conflict
                    : error == EACCES || error == EPERM  ? Next::Denied
                    : error == ENOSPC || error == EDQUOT ? Next::Exhausted
                                                         : Next::Retry;
  return fail(next, system::kFileFailed,
              cat("expected to ", act, " ", printable(at.string()), ", saw: ", std::strerror(error)));
}

path unfinished(const path& file) { return file.string() + ".part"; }

}  // namespace

Result<ArchiveWriter> ArchiveWriter::make(const path& file) {
  if (std::filesystem::exists(std::filesystem::symlink_status(file))) {
    return fail(Next::Conflict, system::kFileExists,
                cat("expected no file of the name ", printable(file.string()), ", saw one"));
  }
  system::Descriptor made(
      ::open(unfinished(file).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.is_open()) return failed("make", unfinished(file));
  return ArchiveWriter(file, std::move(made));
}

ArchiveWriter::~ArchiveWriter() {
  if (file_.is_open()) ::unlink(unfinished(path_).c_str());
}

Result<void> ArchiveWriter::write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file_.number(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write to", unfinished(path_));
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> ArchiveWriter::rewind() {
  if (::ftruncate(file_.number(), 0) != 0 || ::lseek(file_.number(), 0, SEEK_SET) != 0) {
    return failed("begin anew in", unfinished(path_));
  }
  return {};
}

Result<void> ArchiveWriter::finish() {
  if (::fsync(file_.number()) != 0) return failed("sync", unfinished(path_));
  // link() refuses where somebody made a file of this name meanwhile; rename() would replace it.
  if (::link(unfinished(path_).c_str(), path_.c_str()) != 0) return failed("name", path_);
  ::unlink(unfinished(path_).c_str());
  file_ = system::Descriptor();
  const path folder = path_.has_parent_path() ? path_.parent_path() : path(".");
  const system::Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.number()) != 0) return failed("sync", folder);
  return {};
}

Result<ArchiveReader> ArchiveReader::open(const path& file) {
  system::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open()) return failed("open", file);
  return ArchiveReader(std::move(opened));
}

Result<Blob> ArchiveReader::read(std::size_t size) {
  Blob out;
  out.reserve(std::min(size, kReadAheadBytes));
  while (out.size() < size) {
    if (at_ == held_.size()) {
      held_.resize(kReadAheadBytes);
      const ssize_t got = ::read(file_.number(), held_.data(), held_.size());
      if (got < 0) return failed("read", "the backup");
      held_.resize(static_cast<std::size_t>(got));
      at_ = 0;
      if (got == 0) {
        return fail(Next::Corrupt, service::backup::kArchiveMalformed,
                    "expected a whole backup, saw one that was cut off");
      }
    }
    const std::size_t take = std::min(size - out.size(), held_.size() - at_);
    const auto from = held_.begin() + static_cast<std::ptrdiff_t>(at_);
    out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(take));
    at_ += take;
  }
  return out;
}

}  // namespace holdfast::programs
