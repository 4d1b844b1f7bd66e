// Floors in the chip: an NV index for each component that takes nothing but what the component's floor authority signed
// (trust/tpm/floor.h). What the chip was last seen to hold is remembered beside it, so that an index that is gone, was
// never written, or holds less is noticed: a chip that was cleared, an index that was defined anew.
// What comes without a word, or finds no room in the chip, is kept beside it alone, where a thief of the disk can lower
// it.
#pragma once

#include "linux/slots/file_floor.h"
#include "linux/tpm/tpm_vault.h"

namespace holdfast::linux::tpm {

/// What the chip itself holds, for whoever decides before there is a disk: 0 where it holds nothing of the component.
Result<std::int64_t> floor_in_chip(TpmVault& vault, std::string_view component);

class TpmFloor final : public ports::Floor {
 public:
  /// `seen`: what the chip held; `beside`: what it does not hold. All of them outlive this.
  TpmFloor(TpmVault& vault, slots::FileFloor& seen, slots::FileFloor& beside)
      : vault_(vault), seen_(seen), beside_(beside) {}

  Result<ports::FloorFacts> read(std::string_view component) override;
  /// A power cut leaves the floor that was, the new one, or none, which read() says and the next call mends.
  Result<void> raise(std::string_view component, std::int64_t security_version, const ports::FloorWord* word) override;

 private:
  TpmVault& vault_;
  slots::FileFloor& seen_;
  slots::FileFloor& beside_;
};

}  // namespace holdfast::linux::tpm
