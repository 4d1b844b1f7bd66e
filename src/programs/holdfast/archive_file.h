// A backup as a file. It appears under its name when it is whole and on disk; what is there already is left alone.
#pragma once

#include <filesystem>

#include "linux/system/descriptor.h"
#include "service/backup/tape.h"

namespace holdfast::programs {

class ArchiveWriter final : public service::backup::Sink {
 public:
  /// Conflict where there is a file of this name.
  static Result<ArchiveWriter> make(const std::filesystem::path& path);
  ArchiveWriter(ArchiveWriter&&) = default;
  ~ArchiveWriter() override;

  Result<void> write(Bytes bytes) override;
  Result<void> rewind() override;
  /// Nothing is there before this.
  Result<void> finish();

 private:
  ArchiveWriter(std::filesystem::path path, linux::system::Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}

  std::filesystem::path path_;
  linux::system::Descriptor file_;
};

class ArchiveReader final : public service::backup::Source {
 public:
  static Result<ArchiveReader> open(const std::filesystem::path& path);
  Result<Blob> read(std::size_t size) override;

 private:
  explicit ArchiveReader(linux::system::Descriptor file) : file_(std::move(file)) {}

  linux::system::Descriptor file_;
  Blob held_;  ///< read ahead
  std::size_t at_ = 0;
};

}  // namespace holdfast::programs
