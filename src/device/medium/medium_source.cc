#include "device/medium/medium_source.h"

#include <algorithm>

#include "base/percent.h"
#include "base/text.h"

namespace holdfast::device::medium {

/// Paths come encoded for an address; a medium's are as they are.
Result<std::optional<Blob>> MediumSource::read(std::string_view folder, std::string_view path, std::int64_t offset,
                                               std::size_t bytes) {
  if (medium_ == nullptr) return fail(Next::Retry, ports::kMediumMissing, "expected a medium, saw that none is named");
  const auto decoded = percent_decoded(path);
  if (decoded) return medium_->read(cat(folder, "/", *decoded), offset, bytes);
  return fail(Next::Rejected, ports::kMediumUnfit, cat("expected an encoded path, saw ", printable(path, 120)));
}

/// Piece by piece, and one byte more than there may be.
Result<std::optional<Blob>> MediumSource::fetch(std::string_view path, std::size_t bytes_max) {
  Blob out;
  while (true) {
    const std::size_t wanted = std::min(ports::kMediumReadBytesMax, bytes_max + 1 - out.size());
    auto part = TRY(read("metadata", path, std::ssize(out), wanted));
    if (!part && out.empty()) return part;
    if (part) out.insert(out.end(), part->begin(), part->end());
    if (out.size() > bytes_max) {
      return fail(Next::Exhausted, ports::kRepositoryEndless,
                  cat("expected at most ", bytes_max, " bytes of ", printable(path), ", saw more"));
    }
    if (!part || part->size() < wanted) return std::optional(std::move(out));
  }
}

Result<Blob> MediumSource::fetch_range(std::string_view place, std::int64_t offset, std::size_t bytes) {
  auto part = TRY(read("targets", place, offset, bytes));
  if (part) return *std::move(part);
  return fail(Next::Retry, ports::kRepositoryUnreachable,
              cat("expected ", printable(place, 160), " on the medium, saw none"));
}

}  // namespace holdfast::device::medium
