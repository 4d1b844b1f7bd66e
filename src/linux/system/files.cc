#include "linux/system/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/text.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::system {
namespace {

using std::filesystem::path;

constexpr mode_t kOthersMask = 077;
/// Names of unfinished files begin with a dot, which no record's name does.
constexpr std::string_view kUnfinishedPrefix = ".";
constexpr std::string_view kUnfinishedSuffix = ".new";

std::unexpected<Error> failed(std::string_view act, const path& at) {
  const int error = errno;
  const Next next = error == ENOENT                                         ? Next::NotFound
                    : error == EEXIST                                       ? Next::Conflict
                    : error == EACCES || error == EPERM || error == ELOOP   ? Next::Denied
                    : error == ENOSPC || error == EDQUOT || error == EMFILE ? Next::Exhausted
                                                                            : Next::Retry;
  const Reason reason = error == ENOENT ? kFileMissing : error == EEXIST ? kFileExists : kFileFailed;
  return fail(next, reason, cat("expected to ", act, " ", printable(at.string()), ", saw: ", std::strerror(error)));
}

path directory_of(const path& file) { return file.has_parent_path() ? file.parent_path() : path("."); }

path unfinished(const path& file) {
  return directory_of(file) / cat(kUnfinishedPrefix, file.filename().string(), kUnfinishedSuffix);
}

Result<struct stat> facts_of(const Descriptor& file, const path& at) {
  struct stat facts{};
  if (fstat(file.number(), &facts) != 0) return failed("look at", at);
  return facts;
}

Result<Descriptor> open_regular(const path& file) {
  // O_NONBLOCK: opening a pipe that somebody put there must not hang.
  Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!opened.is_open()) return failed("open", file);
  const struct stat facts = TRY(facts_of(opened, file));
  if (!S_ISREG(facts.st_mode)) {
    return fail(Next::Rejected, kFileFailed, cat("expected a regular file, saw another at ", printable(file.string())));
  }
  return opened;
}

/// Into memory of the final size, so that no growing buffer leaves copies of a secret behind.
Result<Blob> read_all(const Descriptor& from, const path& file, std::size_t bytes_max) {
  const struct stat facts = TRY(facts_of(from, file));
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size > bytes_max) {
    return fail(Next::Exhausted, kFileTooLarge,
                cat("expected at most ", bytes_max, " bytes, saw ", size, " in ", printable(file.string())));
  }
  Blob bytes(size);
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = read(from.number(), bytes.data() + at, size - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", file);
    if (got == 0) {
      wipe(bytes);
      return fail(Next::Retry, kFileFailed,
                  cat("expected ", size, " bytes, saw a file that shrank: ", printable(file.string())));
    }
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<void> write_all(const Descriptor& to, const path& file, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(to.number(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", file);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  if (fsync(to.number()) != 0) return failed("sync", file);
  return {};
}

Result<void> sync_directory(const path& directory) {
  const Descriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return failed("open", directory);
  if (fsync(opened.number()) != 0) return failed("sync", directory);
  return {};
}

/// The bytes, synced, in the unfinished file beside `file`.
Result<path> write_beside(const path& file, Bytes bytes, FileMode mode) {
  path beside = unfinished(file);
  if (unlink(beside.c_str()) != 0 && errno != ENOENT) return failed("remove", beside);
  const Descriptor made(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.is_open()) return failed("make", beside);
  // Set apart from open(), whose mode the umask cuts.
  if (fchmod(made.number(), static_cast<mode_t>(mode)) != 0) return failed("set the mode of", beside);
  if (auto written = write_all(made, beside, bytes); !written) {
    unlink(beside.c_str());
    return std::unexpected(written.error());
  }
  return beside;
}

bool is_ours(const struct stat& facts) { return facts.st_uid == geteuid() || facts.st_uid == 0; }

}  // namespace

Result<Blob> read_file(const path& file, std::size_t bytes_max) {
  const Descriptor opened = TRY(open_regular(file));
  return read_all(opened, file, bytes_max);
}

Result<Secret> read_secret_file(const path& file, std::size_t bytes_max) {
  const Descriptor opened = TRY(open_regular(file));
  const struct stat facts = TRY(facts_of(opened, file));
  if (!is_ours(facts) || (facts.st_mode & kOthersMask) != 0) {
    return fail(Next::Denied, kFileExposed,
                cat("expected a file that only its owner may use (mode 0600), saw others allowed at ",
                    printable(file.string())));
  }
  return Secret(TRY(read_all(opened, file, bytes_max)));
}

Result<void> write_file(const path& file, Bytes bytes, FileMode mode) {
  const path beside = TRY(write_beside(file, bytes, mode));
  if (rename(beside.c_str(), file.c_str()) != 0) return failed("replace", file);
  return sync_directory(directory_of(file));
}

Result<void> create_file(const path& file, Bytes bytes, FileMode mode) {
  const path beside = TRY(write_beside(file, bytes, mode));
  // link(2) refuses an existing target, which rename(2) would replace.
  if (link(beside.c_str(), file.c_str()) != 0) {
    auto refused = failed("make", file);
    unlink(beside.c_str());
    return refused;
  }
  if (unlink(beside.c_str()) != 0) return failed("remove", beside);
  return sync_directory(directory_of(file));
}

Result<void> remove_file(const path& file) {
  if (unlink(file.c_str()) != 0) return failed("remove", file);
  return sync_directory(directory_of(file));
}

Result<void> make_private_directory(const path& directory) {
  if (mkdir(directory.c_str(), 0700) == 0) return sync_directory(directory_of(directory));
  if (errno != EEXIST) return failed("make", directory);
  const Descriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return failed("open", directory);
  const struct stat facts = TRY(facts_of(opened, directory));
  if (!is_ours(facts) || (facts.st_mode & kOthersMask) != 0) {
    return fail(Next::Denied, kFileExposed,
                cat("expected a directory that only its owner may enter (mode 0700), saw others allowed at ",
                    printable(directory.string())));
  }
  return {};
}

}  // namespace holdfast::linux::system
