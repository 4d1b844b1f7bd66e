// What an application reads on this very device: the settings that its place holds now, with this device's own merged
// in.
#pragma once

#include <optional>

#include "linux/slots/file_slots.h"
#include "ports/disk.h"

namespace holdfast::programs {

/// A JSON object; none: the application has no settings. `disk` has the device's records, which say what it is called;
/// before it is called anything it reads what its whole group does.
Result<std::optional<Blob>> application_settings(linux::slots::FileSlots& slots, ports::Disk& disk,
                                                 std::string_view application);

}  // namespace holdfast::programs
