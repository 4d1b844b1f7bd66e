// TPMS_ATTEST from a device: what parses has exactly one encoding.
#include "trust/tpm/attest.h"
#include "base/check.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  const Bytes bytes(input, size);
  if (const auto attest = trust::tpm::parse_attest(bytes)) {
    CHECK_INVARIANT(equal(trust::tpm::marshal(*attest), bytes));
  }
  return 0;
}
