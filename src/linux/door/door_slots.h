// The places of the operating system, and its sealed storage, for a process without rights: the first process answers
// for them, and hands over opened places. Bytes are read and written here; what is armed, confirmed or tried is asked
// for.
#pragma once

#include <array>
#include <optional>

#include "linux/door/message.h"
#include "linux/system/descriptor.h"
#include "ports/sealed_storage.h"

namespace holdfast::linux::door {

class DoorSlots final : public ports::Slots, public ports::SealedStorage {
 public:
  explicit DoorSlots(system::Descriptor door) : door_(std::move(door)) {}

  /// Tells the first process that this one is alive.
  Result<void> alive();

  Result<std::vector<std::string>> components() override;
  Result<ports::SlotFacts> facts(std::string_view component) override;
  Result<Blob> read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) override;
  Result<void> write(std::string_view component, std::int64_t offset, Bytes bytes) override;
  Result<void> sync(std::string_view component) override;
  Result<void> arm(std::string_view component, std::int64_t length) override;
  Result<void> confirm(std::string_view component) override;
  /// Changes nothing: the device is to boot.
  Result<void> restart(std::string_view component) override;
  Result<void> erase() override;

  /// What the owner says of the network; empty: nothing any more.
  Result<void> follow_network(Bytes settings);
  /// What a reset takes is forgotten here.
  Result<void> end_reset();

 private:
  struct Reply {
    Answer answer;
    system::Descriptor opened;
  };
  Result<Reply> ask(const Question& question);
  Result<void> require(std::string_view component);
  Result<void> open_spare();

  system::Descriptor door_;
  std::string component_;  ///< once it was told
  std::array<system::Descriptor, 2> readers_;
  system::Descriptor writer_;  ///< of the spare place, until it is armed
  std::int64_t capacity_ = 0;
};

}  // namespace holdfast::linux::door
