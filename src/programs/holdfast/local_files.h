// cli::Files on this machine. What is public is read through links and pipes, as shells pass them; what is private
// goes through linux/system/files.h.
#pragma once

#include "cli/world/files.h"

namespace holdfast::programs {

class LocalFiles final : public cli::Files {
 public:
  Result<Blob> read(const std::string& path, std::size_t bytes_max) override;
  Result<Secret> read_private(const std::string& path, std::size_t bytes_max) override;
  Result<void> write(const std::string& path, Bytes bytes, cli::Access access) override;
  Result<void> create(const std::string& path, Bytes bytes, cli::Access access) override;
  Result<void> make_private_folder(const std::string& path) override;
  Result<void> make_folder(const std::string& path) override;
  Result<std::vector<std::string>> names_in(const std::string& path) override;
  Result<std::vector<std::string>> files_below(const std::string& path) override;
  Result<void> create_from(const std::string& path, const std::function<Result<Blob>()>& next) override;
};

}  // namespace holdfast::programs
