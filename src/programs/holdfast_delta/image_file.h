// Images as files: the old one, a regular file or a block device, read by offset; the new one, written beside its name
// and given it only when it is whole and on disk.
#pragma once

#include <filesystem>

#include "delta/old/old_image.h"
#include "linux/system/descriptor.h"

namespace holdfast::programs {

inline constexpr Reason kImageFailed{"image-failed"};

class OldImageFile final : public delta::old::OldImage {
 public:
  static Result<OldImageFile> open(const std::filesystem::path& path);

  std::uint64_t length() const override { return length_; }
  Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override;
  /// Of all of it.
  Result<Digest256> sha256();

 private:
  OldImageFile(linux::system::Descriptor file, std::filesystem::path path, std::uint64_t length)
      : file_(std::move(file)), path_(std::move(path)), length_(length) {}

  linux::system::Descriptor file_;
  std::filesystem::path path_;
  std::uint64_t length_;
};

class NewImageFile {
 public:
  /// Makes `path`.holdfast-part with room for `length` bytes; it goes with the object unless it is kept. What an
  /// earlier run left there is replaced.
  static Result<NewImageFile> make(const std::filesystem::path& path, std::uint64_t length);
  NewImageFile(NewImageFile&&) noexcept = default;
  NewImageFile& operator=(NewImageFile&&) = delete;
  ~NewImageFile();

  Result<void> write(std::uint64_t offset, Bytes bytes);
  /// Syncs it and gives it its name; whatever had the name before is gone.
  Result<void> keep();

 private:
  NewImageFile(linux::system::Descriptor file, std::filesystem::path path, std::filesystem::path part)
      : file_(std::move(file)), path_(std::move(path)), part_(std::move(part)) {}

  linux::system::Descriptor file_;
  std::filesystem::path path_;
  std::filesystem::path part_;
};

}  // namespace holdfast::programs
