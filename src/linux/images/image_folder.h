// A service's images as files below a folder: `<catalog>/<component>/<version>/<sha256>.…`, laid out as the `targets`
// folder of an image repository, so that one may be copied here as it is. What has not come whole ends in `.part`.
#pragma once

#include <filesystem>

#include "ports/image_files.h"

namespace holdfast::linux::images {

class ImageFolder final : public ports::ImageFiles {
 public:
  explicit ImageFolder(std::filesystem::path root) : root_(std::move(root)) {}

  Result<std::optional<std::int64_t>> length(const ports::ImageFileName& name) override;
  Result<std::optional<Blob>> read(const ports::ImageFileName& name, std::int64_t offset, std::size_t bytes) override;
  Result<std::int64_t> received(const ports::ImageFileName& name) override;
  Result<void> append(const ports::ImageFileName& name, std::int64_t offset, Bytes piece) override;
  Result<void> finish(const ports::ImageFileName& name) override;

 private:
  std::filesystem::path root_;
};

}  // namespace holdfast::linux::images
