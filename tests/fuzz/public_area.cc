// TPMT_PUBLIC from a device: what parses has exactly one encoding.
#include "base/check.h"
#include "trust/tpm/endorsement.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  const Bytes bytes(input, size);
  const auto area = trust::tpm::parse_public_area(bytes);
  if (!area) return 0;
  CHECK_INVARIANT(equal(trust::tpm::marshal(*area), bytes));
  CHECK_INVARIANT(trust::tpm::name_of(*area).size() == 2 + trust::crypto::digest_size(area->name_algorithm));
  const bool attests = trust::tpm::require_attestation_key(*area).has_value();
  CHECK_INVARIANT(!(attests && trust::tpm::require_tls_key(*area)));
  if (const auto rebuilt = trust::tpm::endorsement_area(area->key)) {
    CHECK_INVARIANT(trust::tpm::parse_public_area(rebuilt->bytes));
  }
  return 0;
}
