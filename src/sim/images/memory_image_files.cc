#include "sim/images/memory_image_files.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::sim::images {

using ports::ImageFileName;

Result<std::optional<std::int64_t>> MemoryImageFiles::length(const ImageFileName& name) {
  const auto at = files_.find(TRY(path_of(name)));
  if (at == files_.end() || !at->second.is_whole) return std::optional<std::int64_t>();
  return std::optional(static_cast<std::int64_t>(at->second.bytes.size()));
}

Result<std::optional<Blob>> MemoryImageFiles::read(const ImageFileName& name, std::int64_t offset, std::size_t bytes) {
  const auto at = files_.find(TRY(path_of(name)));
  if (at == files_.end() || !at->second.is_whole) return std::optional<Blob>();
  const Bytes all = at->second.bytes;
  const auto from = std::min(static_cast<std::size_t>(offset), all.size());
  return std::optional(to_blob(all.subspan(from, std::min(bytes, all.size() - from))));
}

Result<std::int64_t> MemoryImageFiles::received(const ImageFileName& name) {
  const auto at = files_.find(TRY(path_of(name)));
  return at == files_.end() ? 0 : static_cast<std::int64_t>(at->second.bytes.size());
}

Result<void> MemoryImageFiles::append(const ImageFileName& name, std::int64_t offset, Bytes piece) {
  File& file = files_[TRY(path_of(name))];
  if (file.is_whole || static_cast<std::size_t>(offset) != file.bytes.size()) {
    return fail(Next::Conflict, ports::kImageFileOffset,
                cat("expected the piece from ", file.bytes.size(), " on, saw one from ", offset));
  }
  file.bytes.insert(file.bytes.end(), piece.begin(), piece.end());
  return {};
}

Result<void> MemoryImageFiles::finish(const ImageFileName& name) {
  const std::string path = TRY(path_of(name));
  const auto at = files_.find(path);
  if (at != files_.end() && at->second.is_whole) return {};
  const Bytes bytes = at == files_.end() ? Bytes() : Bytes(at->second.bytes);
  if (to_hex(trust::crypto::sha256(bytes)) != TRY(digest_in(name))) {
    files_.erase(path);
    return fail(Next::Rejected, ports::kImageFileDiffers,
                cat("expected the bytes that ", printable(name.file, 120), " names, saw others"));
  }
  files_[path].is_whole = true;
  return {};
}

}  // namespace holdfast::sim::images
