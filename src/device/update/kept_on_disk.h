// A repository's verified metadata among a device's records: the top roles and the last few delegated ones, each a
// record of its own. What is too large for a record is not kept and fetched again. Where no root was kept yet, it is
// the owner's, as the bootstrap verified it.
#pragma once

#include "ports/disk.h"
#include "ports/repository.h"

namespace holdfast::device::update {

class KeptOnDisk final : public ports::KeptMetadata {
 public:
  explicit KeptOnDisk(ports::Disk& disk) : disk_(disk) {}

  Result<std::optional<Blob>> read(std::string_view role) override;
  Result<void> write(std::string_view role, Bytes document) override;
  Result<void> remove(std::string_view role) override;

  /// Everything of it, whoever wrote it.
  static Result<void> erase(ports::Disk& disk);

 private:
  ports::Disk& disk_;
};

}  // namespace holdfast::device::update
