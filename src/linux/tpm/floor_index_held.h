// The NV index of one floor, command by command. For the .cc files of this directory alone.
#pragma once

#include "linux/tpm/burst_held.h"
#include "ports/floor.h"
#include "trust/tpm/floor.h"

namespace holdfast::linux::tpm {

/// What is where a component's floor belongs.
struct FloorIndex {
  Loaded nv;
  bool is_foreign = false;            ///< somebody keeps something else there, or lets nobody read it
  Digest256 policy{};                 ///< its authPolicy
  std::optional<std::int64_t> value;  ///< none: never written, or no security version
};

/// None where there is no index.
Result<std::optional<FloorIndex>> find_floor(Burst& burst, std::string_view component);

/// Who raises a floor, and to what.
struct FloorOrder {
  std::string_view component;
  const trust::tpm::PublicArea& authority;
  std::int64_t security_version;
  const ports::FloorWord& word;
};
/// A new index, with nothing written yet; `password` is for tests, a floor has none.
Result<Loaded> define_floor(Burst& burst, const FloorOrder& order, std::string_view password = {});
Result<void> undefine_floor(Burst& burst, FloorIndex index);
Result<void> write_floor(Burst& burst, const Loaded& nv, trust::tpm::FloorWrite write, const FloorOrder& order);

}  // namespace holdfast::linux::tpm
