// A chip that one process uses for several things, one burst at a time. For the .cc files of this directory alone.
#pragma once

#include "linux/tpm/burst_held.h"
#include "linux/tpm/good_boot.h"

namespace holdfast::linux::tpm {

struct Chip {
  std::string connection_string;
  std::optional<Endorsement> endorsement;  ///< found once; each burst compares the chip with it
  std::optional<GoodBoot> boot;            ///< none: client keys are for any
  std::unique_ptr<Burst> burst;

  /// One operation in the open burst, or in a new one. Whatever went wrong, the next call starts afresh.
  template <class Operation>
  auto within_burst(Operation operation) -> decltype(operation(*burst)) {
    if (!burst) burst = TRY(Burst::open(connection_string, endorsement));
    auto result = operation(*burst);
    if (!result) burst.reset();
    return result;
  }
};

}  // namespace holdfast::linux::tpm
