// The sealed storage: a partition whose key the chip gives to good boots alone (linux/tpm/good_boot.h), and to nobody
// after this process has opened it. Made at the first good boot; made anew where no boot of the chip can open it any
// more. Where this boot is none for it, the device runs without: it can still show what it is, and be repaired.
#pragma once

#include <optional>

#include "linux/init/record.h"
#include "linux/tpm/good_boot.h"

namespace holdfast::programs::init {

struct Sealed {
  bool is_open = false;
  bool is_new = false;  ///< made in this boot: there is nothing in it of before
  std::string why;      ///< where it is not open
};

/// Opens the partition `device`, and mounts it at `where`. An Error is the world's; what is not opened says so.
Result<Sealed> open_sealed(linux::tpm::TpmVault& vault, linux::init::RecordPartition& record,
                           const linux::tpm::GoodBoot& boot, const std::string& device, const std::string& where);

}  // namespace holdfast::programs::init
