// An operating system's places by the variables of a firmware that is played here: it takes BootNext away and starts
// what that names, else the first that it knows in BootOrder. An application's are files, as on a device.
#pragma once

#include <doctest/doctest.h>

#include "firmware/boot_option.h"
#include "firmware/variable_store.h"
#include "linux/slots/file_slots.h"
#include "linux/slots/firmware_slots.h"
#include "linux/system/files.h"
#include "slots_bench.h"
#include "temporary_folder.h"

namespace holdfast::tests {

class FirmwareWorld {
 public:
  FirmwareWorld() {
    Blob place = kBenchImage;
    place.resize(kBenchCapacity);
    for (const char* name : {"a", "b"}) {
      REQUIRE(linux::system::write_file(folder_.path() / name, place, linux::system::FileMode::Private));
    }
    REQUIRE(linux::slots::FileSlots::lay(apps_folder_.path(), "app", kBenchImage, {.capacity = kBenchCapacity}));
    const std::uint16_t order[] = {0x0007, firmware::kBootPlaceA, firmware::kBootPlaceB};
    REQUIRE(variables_.write({firmware::kGlobalVariable, "BootOrder"}, firmware::boot_numbers(order)));
  }

  void boot() {
    using linux::slots::FileSlots;
    using linux::slots::FirmwareSlots;
    const auto next = variables_.read({firmware::kGlobalVariable, "BootNext"});
    REQUIRE(next);
    REQUIRE(variables_.remove({firmware::kGlobalVariable, "BootNext"}));
    start(*next ? **next : firmware::boot_numbers({&first_of_ours(), 1}));
    auto apps = FileSlots::open(apps_folder_.path(), ++boots_, [](auto, const auto&) { return Result<void>(); });
    REQUIRE(apps);
    apps_ = std::make_unique<FileSlots>(*std::move(apps));
  }
  /// What firmware starts where nothing of what it should is fit for that.
  void start(Bytes boot_current) {
    using linux::slots::FirmwareSlots;
    REQUIRE(variables_.write({firmware::kGlobalVariable, "BootCurrent"}, boot_current));
    auto system = FirmwareSlots::open("os", variables_, {folder_.path() / "a", folder_.path() / "b"});
    REQUIRE(system);
    system_ = std::make_unique<FirmwareSlots>(*std::move(system));
  }

  linux::slots::FirmwareSlots& system() { return *system_; }
  linux::slots::FileSlots& apps() { return *apps_; }
  linux::efi::Variables& variables() { return variables_; }

 private:
  const std::uint16_t& first_of_ours() {
    const auto order = firmware::parse_boot_numbers(**variables_.read({firmware::kGlobalVariable, "BootOrder"}));
    REQUIRE(order);
    for (const std::uint16_t one : *order) {
      if (one == firmware::kBootPlaceA || one == firmware::kBootPlaceB) return first_ = one;
    }
    return first_;
  }

  TemporaryFolder folder_;
  TemporaryFolder variables_folder_;
  TemporaryFolder apps_folder_;
  linux::efi::Variables variables_{variables_folder_.path()};
  std::int64_t boots_ = 0;
  std::uint16_t first_ = 0;
  std::unique_ptr<linux::slots::FirmwareSlots> system_;
  std::unique_ptr<linux::slots::FileSlots> apps_;
};

}  // namespace holdfast::tests
