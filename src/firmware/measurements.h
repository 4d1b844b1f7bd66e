// What a boot program leaves in the TPM when firmware starts it: itself in PCR 4 by the firmware (TCG PC Client
// Platform Firmware Profile §3.3.4.5), each of its sections in PCR 11 by what systemd puts around a kernel, and the
// command line in PCR 9 by the kernel's own start from firmware (Linux, drivers/firmware/efi); and the separator of its
// first process (trust/tpm/boot_policy.h). Known when it is built, so that a release can say it.
#pragma once

#include "firmware/pe_image.h"

namespace holdfast::firmware {

struct Measurement {
  std::uint8_t pcr = 0;
  Digest256 digest{};
  std::string what;
};

/// In the order of the log. Rejected where it is no unified kernel image: .linux and .cmdline are always there.
Result<std::vector<Measurement>> measurements_of(const PeImage& program);

}  // namespace holdfast::firmware
