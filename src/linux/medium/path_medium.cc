#include "linux/medium/path_medium.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "wire/carried.h"

namespace holdfast::linux::medium {
namespace {

using system::Descriptor;

constexpr int kReadOnly = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const char* const kMetadata = "metadata";

bool is_absent(int error) { return error == ENOENT || error == ENOTDIR || error == ENOMEDIUM; }

/// Of the call that has just failed.
std::unexpected<Error> failed(std::string_view act, std::string_view what) {
  const int error = errno;
  if (error == ELOOP) {
    return fail(Next::Rejected, ports::kMediumUnfit,
                cat("expected ", printable(what, 120), " to be no symbolic link, saw one"));
  }
  return fail(Next::Retry, ports::kMediumFailed,
              cat("expected to ", act, " ", printable(what, 120), ", saw: ", std::strerror(error)));
}

std::unexpected<Error> unfit(std::string_view what, std::string_view expected) {
  return fail(Next::Rejected, ports::kMediumUnfit, cat("expected ", printable(what, 120), " to be ", expected));
}

Result<struct stat> facts_of(const Descriptor& file, std::string_view what) {
  struct stat facts{};
  if (::fstat(file.number(), &facts) == 0) return facts;
  return failed("look at", what);
}

Result<Blob> read_at(const Descriptor& file, std::string_view what, std::int64_t offset, std::size_t bytes) {
  Blob out(bytes);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        ::pread(file.number(), out.data() + done, bytes - done, static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", what);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  out.resize(done);
  return out;
}

}  // namespace

void PathMedium::put_down() {
  held_ = Descriptor();
  index_.reset();
}

Result<bool> PathMedium::look() {
  put_down();
  auto opened = open();
  if (!opened && opened.error().reason == ports::kMediumMissing) return false;
  if (!opened) {
    put_down();
    return std::unexpected(std::move(opened).error());
  }
  if (index_) return true;
  struct stat facts{};
  if (::fstatat(held_.number(), kMetadata, &facts, AT_SYMLINK_NOFOLLOW) == 0) return true;
  return is_absent(errno) ? Result<bool>(false) : failed("look at", kMetadata);
}

Result<void> PathMedium::open() {
  held_ = Descriptor(::open(path_.c_str(), kReadOnly));
  if (!held_.is_open() && is_absent(errno)) {
    return fail(Next::Retry, ports::kMediumMissing, cat("expected ", printable(path_.string()), ", saw nothing there"));
  }
  if (!held_.is_open()) return failed("open", path_.string());
  const struct stat facts = TRY(facts_of(held_, path_.string()));
  if (S_ISDIR(facts.st_mode)) return {};
  if (S_ISREG(facts.st_mode)) return open_bundle(facts.st_size);
  return unfit(path_.string(), "a folder or a file");
}

Result<void> PathMedium::open_bundle(std::int64_t bytes) {
  const Blob block = TRY(read_at(held_, path_.string(), 0, wire::kTarBlockBytes));
  const std::size_t length = TRY(wire::bundle_index_bytes(block));
  index_ = TRY(wire::read_bundle_index(TRY(read_at(held_, path_.string(), wire::kTarBlockBytes, length)), bytes));
  return {};
}

Result<std::optional<Blob>> PathMedium::read(std::string_view path, std::int64_t offset, std::size_t bytes) {
  if (!wire::is_carried_path(path)) return unfit(path, "below the medium");
  if (!held_.is_open()) {
    auto opened = open();
    if (!opened) {
      put_down();
      return std::unexpected(std::move(opened).error());
    }
  }
  bytes = std::min(bytes, ports::kMediumReadBytesMax);
  if (!index_) return read_in_folder(path, offset, bytes);
  const auto found = index_->find(path);
  if (found == index_->end()) return std::optional<Blob>();
  const wire::BundleRange& range = found->second;
  const std::int64_t left = std::max<std::int64_t>(range.length - offset, 0);
  bytes = static_cast<std::size_t>(std::min(static_cast<std::int64_t>(bytes), left));
  return std::optional(TRY(read_at(held_, path, range.offset + std::min(offset, range.length), bytes)));
}

/// One folder after another, so that no name in between is a link.
Result<std::optional<Blob>> PathMedium::read_in_folder(std::string_view path, std::int64_t offset,
                                                       std::size_t bytes) const {
  Descriptor at;
  const auto segments = split(path, '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool is_last = i + 1 == segments.size();
    const int from = at.is_open() ? at.number() : held_.number();
    Descriptor next(::openat(from, std::string(segments[i]).c_str(), kReadOnly | (is_last ? 0 : O_DIRECTORY)));
    // Where it is a link, O_DIRECTORY makes of ELOOP what a file in a folder's place is.
    if (!next.is_open() && is_absent(errno)) return std::optional<Blob>();
    if (!next.is_open()) return failed("open", path);
    at = std::move(next);
  }
  const struct stat facts = TRY(facts_of(at, path));
  if (!S_ISREG(facts.st_mode)) return unfit(path, "a plain file");
  return std::optional(TRY(read_at(at, path, offset, bytes)));
}

}  // namespace holdfast::linux::medium
