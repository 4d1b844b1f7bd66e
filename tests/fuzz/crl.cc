// Revocation lists of a stranger: whatever parses finds its own entries again.
#include <cstdint>

#include "base/check.h"
#include "trust/x509/crl.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto crl = trust::x509::parse_crl({data, size});
  if (!crl) return 0;
  const auto again = trust::x509::parse_crl(crl->der());
  CHECK_INVARIANT(again && again->number() == crl->number() && again->size() == crl->size() &&
                  again->url() == crl->url());
  CHECK_INVARIANT(!crl->find(Bytes()) || crl->size() > 0);
  return 0;
}
