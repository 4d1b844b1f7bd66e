#include "linux/tpm/burst_held.h"

#include "linux/tpm/areas_held.h"

namespace holdfast::linux::tpm {

Result<std::unique_ptr<Burst>> Burst::open(const std::string& connection_string, std::optional<Endorsement>& known) {
  std::unique_ptr<Connection> connection = TRY(Connection::open(connection_string));
  TRY(connection->sweep());
  if (!known) known = TRY(find_endorsement(*connection));
  std::unique_ptr<Burst> burst(new Burst(std::move(connection), *known));
  const Loaded salt_key = TRY(load_endorsement(*burst->connection_, *known));
  burst->session_ = TRY(burst->start_session(salt_key, TPM2_SE_HMAC));
  return burst;
}

Result<Loaded> Burst::start_session(const Loaded& salt_key, TPM2_SE type) {
  constexpr TPMA_SESSION kKeptAndEncrypted = TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT;
  constexpr TPMA_SESSION kAllBits = 0xFF;
  TPMT_SYM_DEF symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  ESYS_TR handle = ESYS_TR_NONE;
  TRY(done(Esys_StartAuthSession(esys(), salt_key.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                 nullptr, type, &symmetric, TPM2_ALG_SHA256, &handle),
           "TPM2_StartAuthSession"));
  Loaded session(esys(), handle);
  // A policy session authorises beside the other one, which does the encrypting.
  const TPMA_SESSION attributes = type == TPM2_SE_HMAC ? kKeptAndEncrypted : TPMA_SESSION{TPMA_SESSION_CONTINUESESSION};
  TRY(done(Esys_TRSess_SetAttributes(esys(), handle, attributes, kAllBits), "session attributes"));
  return session;
}

Result<Loaded> Burst::start_policy() {
  const Loaded salt_key = TRY(load_endorsement(*connection_, endorsement_));
  return start_session(salt_key, TPM2_SE_POLICY);
}

Result<ESYS_TR> Burst::parent() {
  if (!parent_) {
    const TPM2B_PUBLIC wanted = storage_template();
    const TPM2B_SENSITIVE_CREATE sensitive{};
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION pcrs{};
    ESYS_TR handle = ESYS_TR_NONE;
    TRY(done(Esys_CreatePrimary(esys(), ESYS_TR_RH_ENDORSEMENT, session(), ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                                &wanted, &outside, &pcrs, &handle, nullptr, nullptr, nullptr, nullptr),
             "TPM2_CreatePrimary"));
    parent_ = Loaded(esys(), handle);
  }
  return parent_->handle();
}

Result<ports::VaultKey> Burst::create(const TPM2B_PUBLIC& wanted) {
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  const ESYS_TR storage = TRY(parent());
  Owned<TPM2B_PRIVATE> private_part;
  Owned<TPM2B_PUBLIC> public_part;
  TRY(done(Esys_Create(esys(), storage, session(), ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &wanted, &outside, &pcrs,
                       Out(private_part), Out(public_part), nullptr, nullptr, nullptr),
           "TPM2_Create"));
  Blob area = TRY(bytes_of(public_part->publicArea));
  return ports::VaultKey{std::move(area), to_blob(contents(*private_part))};
}

Result<Loaded> Burst::load(const ports::VaultKey& key) {
  const auto public_area = public_from_bytes(key.public_area);
  TPM2B_PRIVATE private_part{};
  const auto filled = fill(private_part.buffer, private_part.size, key.private_blob, "private blob");
  if (!public_area || !filled) {
    const Error& why = public_area ? filled.error() : public_area.error();
    return fail(Next::Rejected, ports::kVaultKeyForeign, "expected a key blob of this vault: " + why.message);
  }
  const ESYS_TR storage = TRY(parent());
  ESYS_TR handle = ESYS_TR_NONE;
  const TSS2_RC code =
      Esys_Load(esys(), storage, session(), ESYS_TR_NONE, ESYS_TR_NONE, &private_part, &*public_area, &handle);
  if (refused_parameter(code)) {
    return fail(
        Next::Rejected, ports::kVaultKeyForeign,
        "expected a key blob that this vault made since it was last cleared: " + error_of(code, "TPM2_Load").message);
  }
  TRY(done(code, "TPM2_Load"));
  return Loaded(esys(), handle);
}

}  // namespace holdfast::linux::tpm
