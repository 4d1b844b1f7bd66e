// The virtual machine's firmware: what it measures before it starts an image, and after the image has taken over. Its
// measurements never change, so that its reference values are a matter of one file.
#pragma once

#include "linux/virtual_device/boot_image.h"

namespace holdfast::linux::virtual_device {

struct Firmware {
  std::vector<Measurement> before;  ///< up to the hand-over, PCR 0 to 7
  std::vector<Measurement> after;   ///< ExitBootServices
};

Firmware firmware();

/// Both halves as a baseline, `firmware`: what a golden device of this kind would show.
trust::appraisal::ReferenceSet firmware_reference_values();

}  // namespace holdfast::linux::virtual_device
