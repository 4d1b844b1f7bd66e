#include "linux/tpm/tpm_vault.h"

#include <algorithm>

#include "base/text.h"
#include "linux/tpm/areas_held.h"
#include "linux/tpm/boot_session_held.h"
#include "linux/tpm/chip_held.h"
#include "linux/tpm/signed_policy_held.h"
#include "trust/tpm/attest.h"

namespace holdfast::linux::tpm {

namespace {

/// Something extends PCRs only at boot; more changes than this between a quote and a read are no coincidence.
constexpr int kPcrReadsMax = 5;
constexpr unsigned kQuotedPcrs = 16;

TPMT_SIG_SCHEME scheme_of_the_key() {
  TPMT_SIG_SCHEME scheme{};
  scheme.scheme = TPM2_ALG_NULL;
  return scheme;
}

Result<TPM2B_DATA> qualifying(const Digest256& data) {
  TPM2B_DATA out{};
  TRY(fill(out.buffer, out.size, data, "qualifying data"));
  return out;
}

Result<ports::Attestation> attestation_of(const TPM2B_ATTEST& attest, const TPMT_SIGNATURE& signature) {
  Blob signature_bytes = TRY(bytes_of(signature));
  return ports::Attestation{Blob(attest.attestationData, attest.attestationData + attest.size),
                            std::move(signature_bytes)};
}

/// authPolicy of a client key of this boot's.
Result<Digest256> client_policy(const GoodBoot& boot) {
  return boot_policy(trust::tpm::BootPhase::Running, boot.component, TRY(authority_of(boot)));
}

/// Of the policy that the chip fulfils; nothing where it does not, which is no failure: such a boot has keys for any.
Result<std::optional<Digest256>> policy_in_force(Burst& burst, const std::optional<GoodBoot>& boot) {
  if (!boot) return std::nullopt;
  const auto policy = client_policy(*boot);
  if (!policy) return std::nullopt;
  const auto session = boot_session(burst, trust::tpm::BootPhase::Running, *boot, *policy);
  if (session) return *policy;
  if (session.error().reason == ports::kVaultClosed) return std::nullopt;
  return std::unexpected(session.error());
}

Result<ports::VaultKey> create_for(Burst& burst, ports::KeyUse use, const std::optional<GoodBoot>& boot) {
  TPM2B_PUBLIC wanted = key_template(use);
  if (use != ports::KeyUse::Client) return burst.create(wanted);
  if (const auto policy = TRY(policy_in_force(burst, boot))) {
    wanted.publicArea.objectAttributes &= ~TPMA_OBJECT{trust::tpm::kUserWithAuth};
    wanted.publicArea.authPolicy = TRY(digest_of(*policy));
  }
  return burst.create(wanted);
}

/// The endorsement key's own authorisation: the low-range templates ask for PolicySecret(endorsement), the high-range
/// ones take the empty password (EK Credential Profile §B.2).
Result<std::optional<Loaded>> policy_for(Burst& burst, const Endorsement& endorsement, const Loaded& key) {
  if ((endorsement.area.attributes & trust::tpm::kUserWithAuth) != 0) return std::nullopt;
  Loaded policy = TRY(burst.start_session(key, TPM2_SE_POLICY));
  TRY(done(Esys_PolicySecret(burst.esys(), ESYS_TR_RH_ENDORSEMENT, policy.handle(), burst.session(), ESYS_TR_NONE,
                             ESYS_TR_NONE, nullptr, nullptr, nullptr, 0, nullptr, nullptr),
           "TPM2_PolicySecret"));
  return std::optional<Loaded>(std::move(policy));
}

Result<Secret> activate(Burst& burst, const Endorsement& endorsement, const ports::VaultKey& attestation_key,
                        Bytes credential_blob, Bytes encrypted_secret) {
  TPM2B_ID_OBJECT credential{};
  TPM2B_ENCRYPTED_SECRET seed{};
  TRY(fill(credential.credential, credential.size, credential_blob, "credential"));
  TRY(fill(seed.secret, seed.size, encrypted_secret, "encrypted secret"));
  const Loaded signer = TRY(burst.load(attestation_key));
  const Loaded decrypter = TRY(load_endorsement(burst.connection(), endorsement));
  const auto policy = TRY(policy_for(burst, endorsement, decrypter));
  Owned<TPM2B_DIGEST> secret;
  TRY(done(Esys_ActivateCredential(burst.esys(), signer.handle(), decrypter.handle(), burst.session(),
                                   policy ? policy->handle() : ESYS_TR_PASSWORD, ESYS_TR_NONE, &credential, &seed,
                                   Out(secret)),
           "TPM2_ActivateCredential"));
  Secret out(contents(*secret));
  wipe({secret->buffer, secret->size});
  return out;
}

Result<ports::Attestation> quote_once(Burst& burst, const Loaded& signer, const TPM2B_DATA& data) {
  TPML_PCR_SELECTION selection{};
  selection.count = 1;
  selection.pcrSelections[0] = {.hash = TPM2_ALG_SHA256, .sizeofSelect = 3, .pcrSelect = {0xFF, 0xFF, 0x00}};
  const TPMT_SIG_SCHEME scheme = scheme_of_the_key();
  Owned<TPM2B_ATTEST> attest;
  Owned<TPMT_SIGNATURE> signature;
  TRY(done(Esys_Quote(burst.esys(), signer.handle(), burst.session(), ESYS_TR_NONE, ESYS_TR_NONE, &data, &scheme,
                      &selection, Out(attest), Out(signature)),
           "TPM2_Quote"));
  return attestation_of(*attest, *signature);
}

bool covers(const ports::Attestation& attestation, const std::vector<Digest256>& values) {
  const auto attest = trust::tpm::parse_attest(attestation.attest);
  const auto* quoted = attest ? std::get_if<trust::tpm::QuoteInfo>(&attest->attested) : nullptr;
  return quoted != nullptr && equal(quoted->pcr_digest, trust::tpm::pcr_digest_of(values));
}

Result<ports::QuotedPcrs> quote_pcrs(Burst& burst, const ports::VaultKey& attestation_key, const Digest256& data) {
  const TPM2B_DATA extra = TRY(qualifying(data));
  const Loaded signer = TRY(burst.load(attestation_key));
  for (int read = 0; read < kPcrReadsMax; ++read) {
    ports::Attestation attestation = TRY(quote_once(burst, signer, extra));
    std::vector<Digest256> values = TRY(burst.connection().read_pcrs(0, kQuotedPcrs));
    if (covers(attestation, values)) return ports::QuotedPcrs{std::move(attestation), std::move(values)};
  }
  return fail(Next::Retry, ports::kVaultUnavailable,
              cat("expected PCR values that match their quote, saw others in ", kPcrReadsMax, " reads"));
}

Result<ports::Attestation> certify_key(Burst& burst, const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                       const Digest256& data) {
  const TPM2B_DATA extra = TRY(qualifying(data));
  const Loaded signer = TRY(burst.load(attestation_key));
  const Loaded subject = TRY(burst.load(key));
  const TPMT_SIG_SCHEME scheme = scheme_of_the_key();
  Owned<TPM2B_ATTEST> attest;
  Owned<TPMT_SIGNATURE> signature;
  // The subject authorises with the same empty password; one session may stand only once in a command.
  TRY(done(Esys_Certify(burst.esys(), subject.handle(), signer.handle(), ESYS_TR_PASSWORD, burst.session(),
                        ESYS_TR_NONE, &extra, &scheme, Out(attest), Out(signature)),
           "TPM2_Certify"));
  return attestation_of(*attest, *signature);
}

Result<TPMI_ALG_HASH> hash_of_size(std::size_t size) {
  switch (size) {
    case TPM2_SHA256_DIGEST_SIZE: return TPMI_ALG_HASH{TPM2_ALG_SHA256};
    case TPM2_SHA384_DIGEST_SIZE: return TPMI_ALG_HASH{TPM2_ALG_SHA384};
    case TPM2_SHA512_DIGEST_SIZE: return TPMI_ALG_HASH{TPM2_ALG_SHA512};
    default:
      return fail(Next::Rejected, ports::kVaultRefused,
                  cat("expected a digest of 32, 48 or 64 bytes, saw ", size, " bytes"));
  }
}

/// None for a key that anybody may use who has the chip.
Result<std::optional<Loaded>> session_for(Burst& burst, const ports::VaultKey& key,
                                          const std::optional<GoodBoot>& boot) {
  const auto area = public_from_bytes(key.public_area);
  if (!area || area->publicArea.authPolicy.size == 0) return std::nullopt;
  const GoodBoot nobody;
  return std::optional(TRY(boot_session(burst, trust::tpm::BootPhase::Running, boot ? *boot : nobody,
                                        contents(area->publicArea.authPolicy))));
}

Result<Blob> sign_digest(Burst& burst, const ports::VaultKey& key, Bytes digest, const std::optional<GoodBoot>& boot) {
  TPMT_SIG_SCHEME scheme{};
  scheme.scheme = TPM2_ALG_ECDSA;
  scheme.details.ecdsa.hashAlg = TRY(hash_of_size(digest.size()));
  TPM2B_DIGEST wanted{};
  TRY(fill(wanted.buffer, wanted.size, digest, "digest"));
  // An empty ticket: this digest was not made by the chip, so a restricted key refuses to sign it.
  TPMT_TK_HASHCHECK ticket{};
  ticket.tag = TPM2_ST_HASHCHECK;
  ticket.hierarchy = TPM2_RH_NULL;
  const auto bound = TRY(session_for(burst, key, boot));
  const Loaded signer = TRY(burst.load(key));
  Owned<TPMT_SIGNATURE> signature;
  const ESYS_TR first = bound ? bound->handle() : burst.session();
  const ESYS_TR second = bound ? burst.session() : ESYS_TR_NONE;
  TRY(done(
      Esys_Sign(burst.esys(), signer.handle(), first, second, ESYS_TR_NONE, &wanted, &scheme, &ticket, Out(signature)),
      "TPM2_Sign"));
  const TPMS_SIGNATURE_ECC& ecdsa = signature->signature.ecdsa;
  return trust::crypto::ecdsa_to_der(contents(ecdsa.signatureR), contents(ecdsa.signatureS));
}

}  // namespace

TpmVault::TpmVault(std::string connection_string)
    : chip_(new Chip{.connection_string = std::move(connection_string), .endorsement = {}, .boot = {}, .burst = {}}) {}
TpmVault::TpmVault(std::string connection_string, GoodBoot boot) : TpmVault(std::move(connection_string)) {
  chip_->boot = std::move(boot);
}
TpmVault::~TpmVault() = default;

void TpmVault::release() { chip_->burst.reset(); }

Result<ports::EndorsementKey> TpmVault::endorsement_key() {
  return chip_->within_burst([&](Burst& burst) -> Result<ports::EndorsementKey> {
    ports::EndorsementKey out = chip_->endorsement->key;
    if (out.certificate) out.chain = TRY(read_endorsement_chain(burst.connection()));
    return out;
  });
}

Result<ports::VaultKey> TpmVault::create_key(ports::KeyUse use) {
  return chip_->within_burst([&](Burst& burst) { return create_for(burst, use, chip_->boot); });
}

bool TpmVault::binds_client_keys() {
  const auto policy = chip_->within_burst([&](Burst& burst) { return policy_in_force(burst, chip_->boot); });
  return policy && policy->has_value();
}

Result<Secret> TpmVault::activate_credential(const ports::VaultKey& attestation_key, Bytes credential_blob,
                                             Bytes encrypted_secret) {
  return chip_->within_burst([&](Burst& burst) {
    return activate(burst, *chip_->endorsement, attestation_key, credential_blob, encrypted_secret);
  });
}

Result<ports::QuotedPcrs> TpmVault::quote(const ports::VaultKey& attestation_key, const Digest256& qualifying_data) {
  return chip_->within_burst([&](Burst& burst) { return quote_pcrs(burst, attestation_key, qualifying_data); });
}

Result<ports::Attestation> TpmVault::certify(const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                             const Digest256& qualifying_data) {
  return chip_->within_burst([&](Burst& burst) { return certify_key(burst, attestation_key, key, qualifying_data); });
}

Result<Blob> TpmVault::sign(const ports::VaultKey& key, Bytes digest) {
  return chip_->within_burst([&](Burst& burst) { return sign_digest(burst, key, digest, chip_->boot); });
}

}  // namespace holdfast::linux::tpm
