// Timestamp, snapshot and targets metadata of a stranger: what is read must survive being written, unless a role's keys
// cannot reach its threshold, and every pattern of a delegation must come to an end over any path.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "trust/tuf/targets.h"

namespace {

using namespace holdfast::trust::tuf;

void try_targets(const Envelope& envelope) {
  const auto targets = read_targets(envelope);
  if (!targets) return;
  const bool are_reachable = std::ranges::all_of(
      targets->delegations, [](const Delegation& one) { return require_reachable(one.name, one.role).has_value(); });
  CHECK_INVARIANT(!are_reachable || make_targets(*targets));
  for (const Delegation& delegation : targets->delegations) {
    for (const auto& [path, target] : targets->targets) delegation.covers(path);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto envelope = parse_envelope({data, size}, kTargetsBytesMax);
  if (!envelope) return 0;
  const auto timestamp = read_timestamp(*envelope);
  if (timestamp) CHECK_INVARIANT(make_timestamp(*timestamp));
  const auto snapshot = read_snapshot(*envelope);
  if (snapshot) CHECK_INVARIANT(make_snapshot(*snapshot));
  try_targets(*envelope);
  return 0;
}
