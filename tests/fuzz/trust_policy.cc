// Trust policies of a stranger: whatever is read can be made again and says the same.
#include <cstdint>

#include "base/check.h"
#include "trust/tuf/trust_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto envelope = trust::tuf::parse_envelope(Bytes(data, size));
  if (!envelope) return 0;
  const auto policy = trust::tuf::read_trust_policy(*envelope);
  if (!policy) return 0;
  const auto made = trust::tuf::make_trust_policy(*policy);
  CHECK_INVARIANT(made);
  const auto again = trust::tuf::read_trust_policy(*made);
  CHECK_INVARIANT(again && again->services == policy->services && again->version == policy->version &&
                  again->offline == policy->offline && again->tpm_roots == policy->tpm_roots &&
                  again->offline_director.has_value() == policy->offline_director.has_value() &&
                  again->time_floor.has_value() == policy->time_floor.has_value());
  return 0;
}
