// ports::Medium at a path: a folder that is laid out as an image repository, or one bundle. Files are opened one folder
// after another below it, and no link is followed, so that nothing on a stranger's stick leads to what the device has
// elsewhere. A bundle's index is read once and kept while it is read.
#pragma once

#include <filesystem>

#include "linux/system/descriptor.h"
#include "ports/medium.h"
#include "wire/bundle.h"

namespace holdfast::linux::medium {

class PathMedium final : public ports::Medium {
 public:
  explicit PathMedium(std::filesystem::path path) : path_(std::move(path)) {}

  /// A folder without metadata is one that nothing is mounted on.
  Result<bool> look() override;
  Result<std::optional<Blob>> read(std::string_view path, std::int64_t offset, std::size_t bytes) override;

  /// Keeps nothing of it open, so that it can be taken out.
  void put_down();

 private:
  Result<void> open();
  Result<void> open_bundle(std::int64_t bytes);
  Result<std::optional<Blob>> read_in_folder(std::string_view path, std::int64_t offset, std::size_t bytes) const;

  std::filesystem::path path_;
  system::Descriptor held_;                 ///< the folder or the bundle
  std::optional<wire::BundleIndex> index_;  ///< of a bundle
};

}  // namespace holdfast::linux::medium
