// The two places of an operating system that UEFI firmware starts: a partition each, with a boot option for each
// (firmware/boot_option.h). The first of them in BootOrder is confirmed; BootNext, which firmware takes away before it
// starts what it names, arms the other for one boot; BootCurrent runs. What is in the middle of being armed, and that
// something was, is a variable of ours. Each call is one variable's write that counts: a power cut leaves it done or
// not done.
#pragma once

#include <array>
#include <filesystem>

#include "linux/efi/variables.h"
#include "linux/system/descriptor.h"
#include "ports/slots.h"

namespace holdfast::linux::slots {

class FirmwareSlots final : public ports::Slots {
 public:
  /// `places`: the partitions, or files, of A and B.
  static Result<FirmwareSlots> open(std::string component, efi::Variables variables,
                                    std::array<std::filesystem::path, 2> places);

  /// Before anything else in a boot: where firmware could not start the confirmed place and took the other one, that is
  /// confirmed from now on. Whether it was so.
  Result<bool> heal();
  /// Whether what was armed failed, and this is the first boot to see it.
  Result<bool> note_failure();
  /// What runs must not: unless it is only being tried, the other place is confirmed from now on.
  Result<void> give_up();

  Result<std::vector<std::string>> components() override { return std::vector{component_}; }
  Result<ports::SlotFacts> facts(std::string_view component) override;
  Result<Blob> read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) override;
  Result<void> write(std::string_view component, std::int64_t offset, Bytes bytes) override;
  Result<void> sync(std::string_view component) override;
  Result<void> arm(std::string_view component, std::int64_t length) override;
  Result<void> confirm(std::string_view component) override;
  /// Changes nothing: the device is to boot.
  Result<void> restart(std::string_view component) override;

  /// Opened anew, for somebody else to read, or to write: as write() does, the spare one alone, and it is armed no
  /// longer.
  Result<system::Descriptor> reader(ports::Slot slot) const;
  Result<system::Descriptor> writer();

 private:
  FirmwareSlots(std::string component, efi::Variables variables, std::array<std::filesystem::path, 2> places)
      : component_(std::move(component)), variables_(std::move(variables)), places_(std::move(places)) {}
  Result<void> require(std::string_view component) const;
  Result<ports::SlotFacts> look() const;
  Result<ports::Slot> confirmed() const;
  Result<void> disarm();
  const std::filesystem::path& place(ports::Slot slot) const { return places_[static_cast<std::size_t>(slot)]; }

  std::string component_;
  efi::Variables variables_;
  std::array<std::filesystem::path, 2> places_;
  std::int64_t capacity_ = 0;
};

}  // namespace holdfast::linux::slots
