#include "device/update/service_source.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::device::update {

contact::Call call_of(const Access& access, std::string path) {
  return {.services = access.owner.services,
          .peer = ports::PeerUnder{access.owner.service_ca},
          .identity = access.identity,
          .method = "GET",
          .path = std::move(path),
          .body = {}};
}

void ServiceSource::use(contact::Services& services, const Access& access) {
  services_ = &services;
  call_ = call_of(access, {});
  catalog_ = access.owner.catalog;
}

Result<Blob> ServiceSource::fetch_part(std::string_view folder, std::string_view path, ports::ByteRange range) {
  CHECK_INVARIANT(services_ != nullptr && call_);
  call_->path = cat("/v1/images/", catalog_, "/", folder, "/", path);
  call_->range = range;
  return services_->call(*call_);
}

/// Piece by piece, and one byte more than there may be.
Result<std::optional<Blob>> ServiceSource::fetch(std::string_view path, std::size_t bytes_max) {
  Blob out;
  while (true) {
    const std::size_t wanted = std::min(kRangeBytes, bytes_max + 1 - out.size());
    auto part = fetch_part("metadata", path, {std::ssize(out), wanted});
    if (!part && part.error().reason == contact::kServiceNotFound) return std::optional<Blob>();
    if (!part) return std::unexpected(std::move(part).error());
    out.insert(out.end(), part->begin(), part->end());
    if (out.size() > bytes_max) {
      return fail(Next::Exhausted, ports::kRepositoryEndless,
                  cat("expected at most ", bytes_max, " bytes of ", printable(path), ", saw more"));
    }
    if (part->size() < wanted) return std::optional(std::move(out));
  }
}

Result<Blob> ServiceSource::fetch_range(std::string_view place, std::int64_t offset, std::size_t bytes) {
  return fetch_part("targets", place, {offset, std::min(bytes, kRangeBytes)});
}

}  // namespace holdfast::device::update
