#include <tss2/tss2_mu.h>

#include "linux/tpm/areas_held.h"

namespace holdfast::linux::tpm {

namespace {

template <class T, class Marshal>
Result<Blob> marshalled(const T& value, Marshal marshal) {
  Blob out(sizeof(T));
  std::size_t size = 0;
  TRY(done(marshal(&value, out.data(), out.size(), &size), "marshal"));
  out.resize(size);
  return out;
}

TPM2B_PUBLIC p256_template(std::uint32_t attributes) {
  TPM2B_PUBLIC out{};
  TPMT_PUBLIC& area = out.publicArea;
  area.type = TPM2_ALG_ECC;
  area.nameAlg = TPM2_ALG_SHA256;
  // Our keys have no password to guess, so somebody else's guesses must not lock them.
  area.objectAttributes = attributes | trust::tpm::kNoDictionaryAttackProtection;
  TPMS_ECC_PARMS& ecc = area.parameters.eccDetail;
  ecc.curveID = TPM2_ECC_NIST_P256;
  ecc.symmetric.algorithm = TPM2_ALG_NULL;
  ecc.scheme.scheme = TPM2_ALG_NULL;
  ecc.kdf.scheme = TPM2_ALG_NULL;
  return out;
}

}  // namespace

Result<TPM2B_PUBLIC> public_from_bytes(Bytes area) {
  TPM2B_PUBLIC out{};
  std::size_t at = 0;
  TRY(done(Tss2_MU_TPMT_PUBLIC_Unmarshal(area.data(), area.size(), &at, &out.publicArea), "unmarshal TPMT_PUBLIC"));
  return out;
}

Result<Blob> bytes_of(const TPMT_PUBLIC& area) { return marshalled(area, Tss2_MU_TPMT_PUBLIC_Marshal); }

Result<Blob> bytes_of(const TPMT_SIGNATURE& signature) { return marshalled(signature, Tss2_MU_TPMT_SIGNATURE_Marshal); }

Result<TPM2B_PUBLIC> endorsement_template(const trust::tpm::PublicArea& area) {
  TPM2B_PUBLIC out = TRY(public_from_bytes(area.bytes));
  TPMU_PUBLIC_ID& unique = out.publicArea.unique;
  // The low-range templates leave room of the key's size, the high-range ones (SHA-384 names) leave none.
  if (area.type == trust::tpm::ObjectType::Rsa) {
    const UINT16 size = unique.rsa.size;
    unique = {};
    unique.rsa.size = size;
  } else {
    const bool room = area.name_algorithm == trust::crypto::HashAlgorithm::Sha256;
    const UINT16 size = room ? unique.ecc.x.size : UINT16{0};
    unique = {};
    unique.ecc.x.size = size;
    unique.ecc.y.size = size;
  }
  return out;
}

TPM2B_PUBLIC storage_template() {
  using namespace trust::tpm;
  TPM2B_PUBLIC out =
      p256_template(kFixedTpm | kFixedParent | kSensitiveDataOrigin | kUserWithAuth | kRestricted | kDecrypt);
  TPMT_SYM_DEF_OBJECT& symmetric = out.publicArea.parameters.eccDetail.symmetric;
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  return out;
}

TPM2B_PUBLIC key_template(ports::KeyUse use) {
  if (use != ports::KeyUse::Attestation) return p256_template(trust::tpm::kTlsKeyAttributes);
  TPM2B_PUBLIC out = p256_template(trust::tpm::kAttestationKeyAttributes);
  TPMT_ECC_SCHEME& scheme = out.publicArea.parameters.eccDetail.scheme;
  scheme.scheme = TPM2_ALG_ECDSA;
  scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
  return out;
}

}  // namespace holdfast::linux::tpm
