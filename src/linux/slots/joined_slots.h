// Several kinds of places as one: an operating system that firmware starts, and applications in files. Each component
// has its places in the first that knows it.
#pragma once

#include <vector>

#include "ports/slots.h"

namespace holdfast::linux::slots {

class JoinedSlots final : public ports::Slots {
 public:
  /// All of them outlive this.
  explicit JoinedSlots(std::vector<ports::Slots*> parts) : parts_(std::move(parts)) {}

  Result<std::vector<std::string>> components() override;
  Result<ports::SlotFacts> facts(std::string_view component) override;
  Result<Blob> read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) override;
  Result<void> write(std::string_view component, std::int64_t offset, Bytes bytes) override;
  Result<void> sync(std::string_view component) override;
  Result<void> arm(std::string_view component, std::int64_t length) override;
  Result<void> confirm(std::string_view component) override;
  Result<void> restart(std::string_view component) override;

 private:
  Result<ports::Slots*> find(std::string_view component);
  std::vector<ports::Slots*> parts_;
};

}  // namespace holdfast::linux::slots
