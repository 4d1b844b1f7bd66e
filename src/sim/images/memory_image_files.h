// A service's images in memory, as the port promises them.
#pragma once

#include <map>

#include "ports/image_files.h"

namespace holdfast::sim::images {

class MemoryImageFiles final : public ports::ImageFiles {
 public:
  Result<std::optional<std::int64_t>> length(const ports::ImageFileName& name) override;
  Result<std::optional<Blob>> read(const ports::ImageFileName& name, std::int64_t offset, std::size_t bytes) override;
  Result<std::int64_t> received(const ports::ImageFileName& name) override;
  Result<void> append(const ports::ImageFileName& name, std::int64_t offset, Bytes piece) override;
  Result<void> finish(const ports::ImageFileName& name) override;

 private:
  struct File {
    Blob bytes;
    bool is_whole = false;
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace holdfast::sim::images
