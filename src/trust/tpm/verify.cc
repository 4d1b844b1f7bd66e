#include "trust/tpm/verify.h"

#include "base/check.h"
#include "base/text.h"
#include "trust/tpm/signature.h"

namespace holdfast::trust::tpm {
namespace {

using crypto::HashAlgorithm;

Result<void> check_signature(const crypto::PublicKey& key, Bytes attest, Bytes signature) {
  const TpmSignature parsed = TRY(parse_signature(signature));
  if (key.kind() != crypto::KeyKind::EcP256 || parsed.hash != HashAlgorithm::Sha256) {
    return fail(Next::Rejected, kAttestSignatureWrong,
                cat("expected ECDSA with sha256 by a P-256 key, saw ", crypto::name_of(parsed.hash), " by ",
                    crypto::name_of(key.kind())));
  }
  if (!key.verify(HashAlgorithm::Sha256, attest, TRY(to_der(parsed)))) {
    return fail(Next::Rejected, kAttestSignatureWrong,
                cat("expected the attestation key's signature over these ", attest.size(), " bytes, saw another"));
  }
  return {};
}

/// Everything but what is attested. Nothing is read from the bytes before their signature holds.
Result<Attest> checked_attest(const PublicArea& attestation_key, Bytes bytes, Bytes signature, Bytes qualifying_data,
                              AttestKind kind) {
  CHECK_INVARIANT(!qualifying_data.empty());
  if (bytes.size() > kAttestBytesMax) {
    return fail(Next::Rejected, kAttestMalformed,
                cat("attest: expected at most ", kAttestBytesMax, " bytes, saw ", bytes.size()));
  }
  TRY(check_signature(attestation_key.key, bytes, signature));
  Attest attest = TRY(parse_attest(bytes));
  if (attest.kind() != kind) {
    return fail(Next::Rejected, kAttestKindWrong,
                cat("attest: expected a ", name_of(kind), ", saw a ", name_of(attest.kind())));
  }
  if (!equal_in_constant_time(attest.extra_data, qualifying_data)) {
    return fail(Next::Rejected, kQualifyingDataWrong,
                "attest: expected the qualifying data of this challenge, saw another");
  }
  return attest;
}

}  // namespace

Result<Verified<Quote>> verify_quote(const PublicArea& attestation_key, Bytes attest, Bytes signature,
                                     Bytes expected_qualifying_data) {
  Attest checked = TRY(checked_attest(attestation_key, attest, signature, expected_qualifying_data, AttestKind::Quote));
  auto& quote = std::get<QuoteInfo>(checked.attested);
  return Verified<Quote>(
      Quote{checked.clock_info, checked.firmware_version, std::move(quote.selections), std::move(quote.pcr_digest)},
      Proof());
}

Result<Verified<Certification>> verify_certify(const PublicArea& attestation_key, Bytes attest, Bytes signature,
                                               Bytes expected_qualifying_data) {
  Attest checked =
      TRY(checked_attest(attestation_key, attest, signature, expected_qualifying_data, AttestKind::Certify));
  auto& certified = std::get<CertifyInfo>(checked.attested);
  return Verified<Certification>(Certification{checked.clock_info, checked.firmware_version, std::move(certified.name)},
                                 Proof());
}

}  // namespace holdfast::trust::tpm
