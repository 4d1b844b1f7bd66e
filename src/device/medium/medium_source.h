// The owner's image repository on a medium that somebody carries: metadata as a Repository, and ranges of images, as
// from a service.
#pragma once

#include "ports/medium.h"
#include "ports/repository.h"

namespace holdfast::device::medium {

class MediumSource final : public ports::ImageRepository {
 public:
  /// The medium must outlive this; with none there is nothing to be had.
  explicit MediumSource(ports::Medium* medium) : medium_(medium) {}

  /// Of the metadata.
  Result<std::optional<Blob>> fetch(std::string_view path, std::size_t bytes_max) override;
  Result<Blob> fetch_range(std::string_view place, std::int64_t offset, std::size_t bytes) override;

 private:
  Result<std::optional<Blob>> read(std::string_view folder, std::string_view path, std::int64_t offset,
                                   std::size_t bytes);

  ports::Medium* medium_;
};

}  // namespace holdfast::device::medium
