// The owner's image repository at the owner's services: metadata as a Repository, and ranges of images, asked for with
// the device's own certificate. Whose answer it is does not matter here; what counts are signatures and digests.
#pragma once

#include "device/contact/services.h"
#include "device/record/owner.h"
#include "ports/repository.h"

namespace holdfast::device::update {

inline constexpr std::size_t kRangeBytes = 256 * 1024;

/// Whom to ask, and as whom.
struct Access {
  const record::Owner& owner;
  const ports::ClientIdentity& identity;
};

contact::Call call_of(const Access& access, std::string path);

class ServiceSource final : public ports::ImageRepository {
 public:
  /// Through these from now on; both must stay until the next time.
  void use(contact::Services& services, const Access& access);

  /// Of the metadata.
  Result<std::optional<Blob>> fetch(std::string_view path, std::size_t bytes_max) override;

  /// At most kRangeBytes of the content at `place`, an encoded path among the targets.
  Result<Blob> fetch_range(std::string_view place, std::int64_t offset, std::size_t bytes) override;

 private:
  Result<Blob> fetch_part(std::string_view folder, std::string_view path, ports::ByteRange range);

  contact::Services* services_ = nullptr;
  std::optional<contact::Call> call_;
  std::string catalog_;
};

}  // namespace holdfast::device::update
