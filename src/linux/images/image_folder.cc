#include "linux/images/image_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/encoding.h"
#include "base/text.h"
#include "linux/system/descriptor.h"
#include "trust/crypto/running_hash.h"

namespace holdfast::linux::images {
namespace {

using ports::ImageFileName;
using std::filesystem::path;
using system::Descriptor;

constexpr std::size_t kPieceHashed = 256 * 1024;

std::unexpected<Error> failed(std::string_view act, const path& at) {
  const int error = errno;
  const Next next = error == ENOSPC || error == EDQUOT ? Next::Exhausted : Next::Retry;
  return fail(next, ports::kImageFilesFailed,
              cat("expected to ", act, " ", printable(at.string()), ", saw: ", std::strerror(error)));
}

path unfinished(const path& whole) { return path(whole.string() + ".part"); }

/// Of a regular file; nothing where there is none.
Result<std::optional<std::int64_t>> size_of(const path& file) {
  struct stat facts{};
  const bool is_there = lstat(file.c_str(), &facts) == 0;
  if (is_there && S_ISREG(facts.st_mode)) return std::optional<std::int64_t>(facts.st_size);
  if (is_there) errno = EINVAL;
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::int64_t>();
  return failed("look at", file);
}

Result<Descriptor> open_file(const path& file, int flags) {
  constexpr mode_t kMode = 0644;
  Descriptor out(open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode));
  if (!out.is_open()) return failed("open", file);
  return out;
}

Result<Blob> read_at(const Descriptor& file, const path& at, std::int64_t offset, std::size_t bytes) {
  Blob out(bytes);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        pread(file.number(), out.data() + done, bytes - done, static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", at);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  out.resize(done);
  return out;
}

Result<void> write_at(const Descriptor& file, const path& at, std::int64_t offset, Bytes bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = pwrite(file.number(), bytes.data() + done, bytes.size() - done,
                               static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", at);
    done += static_cast<std::size_t>(put);
  }
  return {};
}

Result<Digest256> hash_of(const Descriptor& file, const path& at) {
  trust::crypto::RunningSha256 hash;
  for (std::int64_t offset = 0;; offset += static_cast<std::int64_t>(kPieceHashed)) {
    const Blob piece = TRY(read_at(file, at, offset, kPieceHashed));
    hash.add(piece);
    if (piece.size() < kPieceHashed) return hash.take();
  }
}

Result<void> sync_folder(const path& folder) {
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || fsync(opened.number()) != 0) return failed("sync", folder);
  return {};
}

/// Each level that is new is durable in the one above.
Result<void> make_folders(const path& root, const path& folder) {
  if (mkdir(folder.c_str(), 0755) == 0) return sync_folder(folder.parent_path());
  if (errno == EEXIST) return {};
  if (errno != ENOENT || folder == root) return failed("make", folder);
  TRY(make_folders(root, folder.parent_path()));
  return make_folders(root, folder);
}

}  // namespace

Result<std::optional<std::int64_t>> ImageFolder::length(const ImageFileName& name) {
  return size_of(root_ / TRY(path_of(name)));
}

Result<std::optional<Blob>> ImageFolder::read(const ImageFileName& name, std::int64_t offset, std::size_t bytes) {
  const path at = root_ / TRY(path_of(name));
  if (!TRY(size_of(at))) return std::optional<Blob>();
  const Descriptor file = TRY(open_file(at, O_RDONLY));
  return std::optional(TRY(read_at(file, at, offset, std::min(bytes, ports::kImagePieceBytesMax))));
}

Result<std::int64_t> ImageFolder::received(const ImageFileName& name) {
  const path at = root_ / TRY(path_of(name));
  if (const auto whole = TRY(size_of(at))) return *whole;
  return TRY(size_of(unfinished(at))).value_or(0);
}

Result<void> ImageFolder::append(const ImageFileName& name, std::int64_t offset, Bytes piece) {
  const path at = root_ / TRY(path_of(name));
  const std::int64_t there = TRY(received(name));
  if (offset != there || TRY(size_of(at))) {
    return fail(Next::Conflict, ports::kImageFileOffset,
                cat("expected the piece from ", there, " on, saw one from ", offset));
  }
  TRY(make_folders(root_, at.parent_path()));
  const path part = unfinished(at);
  const Descriptor file = TRY(open_file(part, O_WRONLY | O_CREAT));
  return write_at(file, part, offset, piece);
}

Result<void> ImageFolder::finish(const ImageFileName& name) {
  const path at = root_ / TRY(path_of(name));
  const std::string expected = TRY(digest_in(name));
  if (TRY(size_of(at))) return {};
  const path part = unfinished(at);
  const Descriptor file = TRY(open_file(part, O_RDWR | O_CREAT));
  if (to_hex(TRY(hash_of(file, part))) != expected) {
    if (unlink(part.c_str()) != 0) return failed("remove", part);
    return fail(Next::Rejected, ports::kImageFileDiffers,
                cat("expected the bytes that ", printable(name.file, 120), " names, saw others"));
  }
  if (fsync(file.number()) != 0) return failed("sync", part);
  if (rename(part.c_str(), at.c_str()) != 0) return failed("rename", part);
  return sync_folder(at.parent_path());
}

}  // namespace holdfast::linux::images
