// Approvals of a stranger: whatever is read can be made again and says the same, and never says nothing.
#include <cstdint>

#include "base/check.h"
#include "trust/tuf/change_approval.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto envelope = trust::tuf::parse_envelope(Bytes(data, size));
  if (!envelope) return 0;
  const auto approval = trust::tuf::read_change_approval(*envelope);
  if (!approval) return 0;
  CHECK_INVARIANT(approval->change.number >= 1 && !approval->change.lets_in.empty());
  const auto made = trust::tuf::make_change_approval(*approval);
  CHECK_INVARIANT(made);
  const auto again = trust::tuf::read_change_approval(*made);
  CHECK_INVARIANT(again && again->change == approval->change);
  return 0;
}
