// A device's disk in memory. Each record is replaced as a whole, as the port promises, and no name or size is taken
// that the port forbids. A copy is what somebody holds who copied the disk.
#pragma once

#include <map>
#include <string>

#include "ports/disk.h"

namespace holdfast::sim::disk {

class MemoryDisk final : public ports::Disk {
 public:
  using Records = std::map<std::string, Blob, std::less<>>;

  Result<std::optional<Blob>> read(std::string_view name) override;
  Result<void> write(std::string_view name, Bytes record) override;
  Result<void> remove(std::string_view name) override;

  const Records& records() const { return records_; }
  void erase() { records_.clear(); }

 private:
  Records records_;
};

}  // namespace holdfast::sim::disk
