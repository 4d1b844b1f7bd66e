// What the first process does before anything else runs: from a kernel that has just come up to what the agent needs.
#pragma once

#include <memory>

#include "firmware/command_line.h"
#include "linux/init/watchdog.h"
#include "linux/slots/firmware_slots.h"
#include "programs/holdfast_init/network.h"
#include "programs/holdfast_init/sealed.h"

namespace holdfast::programs::init {

/// How the chip is reached.
inline constexpr const char* kTpm = "device:/dev/tpmrm0";

struct Begun {
  linux::init::Watchdog watchdog;
  firmware::SystemName system;
  std::unique_ptr<linux::slots::FirmwareSlots>
      places;  ///< null: no firmware of ours started this, and it takes no updates
  std::optional<linux::init::RecordPartition> record;
  Sealed sealed;
  bool is_reset = false;  ///< the agent is to forget its settings
  std::optional<Network> network;
};
/// An Error means that this system is of no use: the device had better boot another.
Result<Begun> begin();

}  // namespace holdfast::programs::init
