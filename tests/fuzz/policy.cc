// Documents that an operator hands in: policies, reference sets and stored appraisals. Whatever is read is written and
// read again as the same, and no policy is ever milder than the table or longer-lived than the limits.
#include <cstdint>

#include "base/check.h"
#include "trust/appraisal/explain.h"
#include "trust/appraisal/loosening.h"

namespace {

using namespace holdfast;
using namespace holdfast::trust::appraisal;

void try_policy(const json::Value& value) {
  const auto policy = policy_from(value);
  if (!policy) return;
  for (const CheckRow& row : kChecks) CHECK_INVARIANT(policy->when_it_fails(row.check) >= row.when_it_fails);
  CHECK_INVARIANT(policy->client_life <= kClientLifeMax && policy->update_life <= kUpdateLifeMax);
  const auto again = policy_from(to_json(*policy));
  CHECK_INVARIANT(again && *again == *policy);
  CHECK_INVARIANT(loosened(*policy, *policy).empty());
  loosened(Policy{}, *policy);
}

void try_reference_set(const json::Value& value) {
  const auto set = reference_set_from(value);
  if (!set) return;
  const auto again = reference_set_from(to_json(*set));
  CHECK_INVARIANT(again && *again == *set);
}

void try_appraisal(const json::Value& value) {
  const auto appraisal = appraisal_from(value);
  if (!appraisal) return;
  const auto again = appraisal_from(to_json(*appraisal));
  CHECK_INVARIANT(again && again->findings == appraisal->findings && explain(*again) == explain(*appraisal));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = json::parse(Bytes(data, size));
  if (!value) return 0;
  try_policy(*value);
  try_reference_set(*value);
  try_appraisal(*value);
  return 0;
}
