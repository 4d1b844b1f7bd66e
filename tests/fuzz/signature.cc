// TPMT_SIGNATURE from a device: what parses has exactly one encoding, and verifies nothing that it did not sign.
#include "trust/tpm/signature.h"
#include "base/check.h"
#include "trust/tpm/verify.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  using namespace trust;
  static const auto key = crypto::PrivateKey::ec_from_entropy(crypto::KeyKind::EcP256, Blob(48, 7));
  static const tpm::PublicArea area = tpm::attestation_key_area(key->public_key());
  const Bytes bytes(input, size);
  const auto signature = tpm::parse_signature(bytes);
  if (!signature) return 0;
  CHECK_INVARIANT(equal(tpm::marshal(*signature), bytes));
  CHECK_INVARIANT(tpm::to_der(*signature));
  CHECK_INVARIANT(!tpm::verify_quote(area, as_bytes("no quote"), bytes, as_bytes("nonce")));
  return 0;
}
