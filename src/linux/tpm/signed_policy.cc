#include "linux/tpm/areas_held.h"
#include "linux/tpm/signed_policy_held.h"
#include "trust/tpm/signature.h"

namespace holdfast::linux::tpm {
namespace {

using trust::crypto::HashAlgorithm;

constexpr std::size_t kP256Bytes = 32;

Result<TPMT_SIGNATURE> signature_of(Bytes der) {
  const auto both = TRY(trust::tpm::tpm_signature_from_der(HashAlgorithm::Sha256, der, kP256Bytes));
  TPMT_SIGNATURE out{};
  out.sigAlg = TPM2_ALG_ECDSA;
  TPMS_SIGNATURE_ECDSA& ecdsa = out.signature.ecdsa;
  ecdsa.hash = TPM2_ALG_SHA256;
  TRY(fill(ecdsa.signatureR.buffer, ecdsa.signatureR.size, both.r, "signature"));
  TRY(fill(ecdsa.signatureS.buffer, ecdsa.signatureS.size, both.s, "signature"));
  return out;
}

/// The chip's own word that the authority signed `message`. No ticket comes of a key in the null hierarchy.
Result<Owned<TPMT_TK_VERIFIED>> verified_by(Burst& burst, const trust::tpm::PublicArea& authority, Bytes message,
                                            Bytes der) {
  const TPM2B_PUBLIC area = TRY(public_from_bytes(authority.bytes));
  const TPMT_SIGNATURE signature = TRY(signature_of(der));
  const TPM2B_DIGEST digest = TRY(digest_of(trust::crypto::sha256(message)));
  ESYS_TR handle = ESYS_TR_NONE;
  TRY(done(Esys_LoadExternal(burst.esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, nullptr, &area, ESYS_TR_RH_OWNER,
                             &handle),
           "TPM2_LoadExternal"));
  const Loaded key(burst.esys(), handle);
  Owned<TPMT_TK_VERIFIED> ticket;
  TRY(done(Esys_VerifySignature(burst.esys(), key.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &digest,
                                &signature, Out(ticket)),
           "TPM2_VerifySignature"));
  return ticket;
}

}  // namespace

Result<TPM2B_DIGEST> digest_of(Bytes bytes) {
  TPM2B_DIGEST out{};
  TRY(fill(out.buffer, out.size, bytes, "digest"));
  return out;
}

Result<void> authorize(Burst& burst, const Loaded& session, const trust::tpm::PublicArea& authority,
                       const trust::tpm::SignedPolicy& policy, Bytes signature) {
  const auto ticket = TRY(verified_by(burst, authority, policy.to_be_signed(), signature));
  const TPM2B_DIGEST approved = TRY(digest_of(policy.policy));
  TPM2B_NONCE reference{};
  TRY(fill(reference.buffer, reference.size, policy.reference, "policy reference"));
  TPM2B_NAME name{};
  TRY(fill(name.name, name.size, trust::tpm::name_of(authority), "name"));
  return done(Esys_PolicyAuthorize(burst.esys(), session.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &approved,
                                   &reference, &name, ticket.get()),
              "TPM2_PolicyAuthorize");
}

}  // namespace holdfast::linux::tpm
