#include "trust/tpm/verify.h"

#include <doctest/doctest.h>

#include "base/byte_io.h"
#include "trust/tpm/golden_test.h"
#include "trust/tpm/signature.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::tpm;
using crypto::HashAlgorithm;
using crypto::KeyKind;
using crypto::PrivateKey;

namespace {

const Blob kQualifyingData(32, 0xC3);

PublicArea golden_key() { return *parse_public_area(golden(kGoldenAttestationKey)); }

PrivateKey key_from(std::uint8_t seed, KeyKind curve = KeyKind::EcP256) {
  return *PrivateKey::ec_from_entropy(curve, Blob(64, seed));
}

Attest quote() {
  Attest attest;
  attest.qualified_signer = Blob(34);
  attest.extra_data = kQualifyingData;
  attest.attested = QuoteInfo{{{HashAlgorithm::Sha256, 0xFFFF}}, Blob(32, 9)};
  return attest;
}

Blob signed_by(const PrivateKey& key, Bytes message, HashAlgorithm hash = HashAlgorithm::Sha256) {
  return marshal(*tpm_signature_from_der(hash, *key.sign(hash, message), (key.public_key().bits() + 7) / 8));
}

/// What verify_quote says of `message`, properly signed by a key that the caller trusts.
std::optional<Reason> refusal_of_signed(Bytes message) {
  const PrivateKey key = key_from(1);
  const auto verified =
      verify_quote(attestation_key_area(key.public_key()), message, signed_by(key, message), kQualifyingData);
  if (verified) return std::nullopt;
  return verified.error().reason;
}

}  // namespace

TEST_CASE("a TPM's quote is verified") {
  const auto verified = verify_quote(golden_key(), golden(kGoldenQuote), golden(kGoldenQuoteSignature),
                                     golden(kGoldenQuoteQualifyingData));
  REQUIRE(verified);
  CHECK((*verified)->selections[0].mask == 0xFFFF);
  CHECK((*verified)->clock_info.reset_count == 2);
}

TEST_CASE("a TPM's certification is verified and names the key") {
  const auto verified = verify_certify(golden_key(), golden(kGoldenCertification),
                                       golden(kGoldenCertificationSignature), ByteArray<4>{0x00, 0xFF, 0x55, 0xAA});
  REQUIRE(verified);
  CHECK((*verified)->name == name_of(*parse_public_area(golden(kGoldenTlsKey))));
}

TEST_CASE("a replayed quote, made for another challenge, is refused") {
  Blob other = golden(kGoldenQuoteQualifyingData);
  const auto refusal = [&](Bytes qualifying_data) {
    return verify_quote(golden_key(), golden(kGoldenQuote), golden(kGoldenQuoteSignature), qualifying_data)
        .error()
        .reason;
  };
  CHECK(refusal(Bytes(other).first(31)) == kQualifyingDataWrong);
  other.push_back(0);
  CHECK(refusal(other) == kQualifyingDataWrong);
  other.pop_back();
  other.back() ^= 1;
  CHECK(refusal(other) == kQualifyingDataWrong);
}

TEST_CASE("a quote changed in any byte is refused, and so is its signature") {
  const Blob quote = golden(kGoldenQuote);
  const Blob signature = golden(kGoldenQuoteSignature);
  const Blob data = golden(kGoldenQuoteQualifyingData);
  for (std::size_t i = 0; i < quote.size(); ++i) {
    Blob changed = quote;
    changed[i] ^= 1;
    CHECK(verify_quote(golden_key(), changed, signature, data).error().reason == kAttestSignatureWrong);
  }
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Blob changed = signature;
    changed[i] ^= 1;
    CHECK_FALSE(verify_quote(golden_key(), quote, changed, data));
  }
}

TEST_CASE("a quote by another key is refused") {
  const Blob message = marshal(quote());
  const auto verified = verify_quote(attestation_key_area(key_from(2).public_key()), message,
                                     signed_by(key_from(1), message), kQualifyingData);
  CHECK(verified.error().reason == kAttestSignatureWrong);
}

TEST_CASE("a signed certification is no quote, and a signed quote is no certification") {
  Attest certification = quote();
  certification.attested = CertifyInfo{Blob(34), Blob(34)};
  CHECK(refusal_of_signed(marshal(certification)) == kAttestKindWrong);

  const PrivateKey key = key_from(1);
  const Blob message = marshal(quote());
  const auto verified =
      verify_certify(attestation_key_area(key.public_key()), message, signed_by(key, message), kQualifyingData);
  CHECK(verified.error().reason == kAttestKindWrong);
}

TEST_CASE("signed bytes that the TPM did not make are refused") {
  CHECK_FALSE(refusal_of_signed(marshal(quote())));
  Blob without_magic = marshal(quote());
  without_magic[0] = 0;
  CHECK(refusal_of_signed(without_magic) == kAttestNotGenerated);
  CHECK(refusal_of_signed(Blob(kAttestBytesMax + 1, 0xFF)) == kAttestMalformed);
  CHECK(refusal_of_signed(Blob()) == kBytesTruncated);
}

TEST_CASE("a signature by another algorithm than ECDSA-SHA256 on P-256 is refused") {
  const Blob message = marshal(quote());
  const PrivateKey key = key_from(1);
  PublicArea area = attestation_key_area(key.public_key());
  CHECK(verify_quote(area, message, signed_by(key, message, HashAlgorithm::Sha384), kQualifyingData).error().reason ==
        kAttestSignatureWrong);
  const PrivateKey p384 = key_from(1, KeyKind::EcP384);
  area.key = p384.public_key();
  CHECK(verify_quote(area, message, signed_by(p384, message), kQualifyingData).error().reason == kAttestSignatureWrong);
}

TEST_CASE("a scalar without its leading zeros verifies, a scalar of zero does not") {
  const PrivateKey key = key_from(1);
  const PublicArea area = attestation_key_area(key.public_key());
  bool tried = false;
  for (std::uint64_t clock = 0; clock < 4096 && !tried; ++clock) {
    Attest attest = quote();
    attest.clock_info.clock_ms = clock;
    const Blob message = marshal(attest);
    TpmSignature signature = *parse_signature(signed_by(key, message));
    if (signature.r[0] != 0) continue;
    signature.r.erase(signature.r.begin());
    CHECK(verify_quote(area, message, marshal(signature), kQualifyingData));
    signature.s = Blob(32);
    CHECK_FALSE(verify_quote(area, message, marshal(signature), kQualifyingData));
    tried = true;
  }
  CHECK(tried);
}
