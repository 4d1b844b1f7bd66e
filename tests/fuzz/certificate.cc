// Certificates of a stranger: whatever parses says the same when parsed again, and no question about it fails but with
// an error.
#include <cstdint>

#include "base/check.h"
#include "trust/x509/chain.h"
#include "trust/x509/endorsement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::trust::x509;
  const auto certificate = parse_certificate({data, size});
  if (!certificate) return 0;
  const auto again = read_certificates(to_pem(*certificate));
  CHECK_INVARIANT(again && again->size() == 1 && again->front() == *certificate);
  CHECK_INVARIANT(certificate->subject_text().size() <= 4096 && certificate->issuer_text().size() <= 4096);
  (void)certificate->subject_organization();
  (void)certificate->subject_common_name();
  // Trusted itself, it must still not pass for a leaf or an endorsement certificate of its own making.
  for (const Purpose purpose : {Purpose::Client, Purpose::Server}) {
    const ChainRequest request{.trusted = {*certificate},
                               .untrusted = {*certificate},
                               .crls = {},
                               .time = certificate->not_before(),
                               .purpose = purpose};
    CHECK_INVARIANT(!verify_chain(*certificate, request));
  }
  CHECK_INVARIANT(!verify_endorsement(*certificate, {*certificate}, {*certificate}, certificate->not_before()));
  return 0;
}
