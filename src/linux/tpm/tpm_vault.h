// The key vault in a TPM 2.0 chip, reached through a TSS connection string ("device:/dev/tpmrm0", "swtpm:path=…").
// Nobody needs to stand between: at most three objects and two sessions are ever loaded, and none outlives its burst.
// Every command is authorised in a session salted to the endorsement key of the chip's certificate, with its parameters
// encrypted, so that what sits on the bus can neither read secrets nor answer in the chip's name (kVaultInterposed).
// A burst opens with the first call and ends with `release()`, with any error, or with this object.
#pragma once

#include <memory>
#include <string>

#include "ports/vault.h"
#include "trust/update/seal_words.h"

namespace holdfast::linux::tpm {

struct Chip;

class TpmVault final : public ports::Vault {
 public:
  explicit TpmVault(std::string connection_string);
  /// Client keys are made for this boot and its like (good_boot.h), as long as the chip opens them in this one.
  TpmVault(std::string connection_string, trust::update::GoodBoot boot);
  ~TpmVault() override;

  Result<ports::EndorsementKey> endorsement_key() override;
  Result<ports::VaultKey> create_key(ports::KeyUse use) override;
  bool binds_client_keys() override;
  Result<Secret> activate_credential(const ports::VaultKey& attestation_key, Bytes credential_blob,
                                     Bytes encrypted_secret) override;
  Result<ports::QuotedPcrs> quote(const ports::VaultKey& attestation_key, const Digest256& qualifying_data) override;
  Result<ports::Attestation> certify(const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                     const Digest256& qualifying_data) override;
  Result<Blob> sign(const ports::VaultKey& key, Bytes digest) override;

  /// Ends the burst: flushes what is loaded and gives the chip back. The next call opens another.
  void release();

  /// For what else this process has the chip do: two of them would be in each other's way.
  Chip& chip() { return *chip_; }

 private:
  std::unique_ptr<Chip> chip_;
};

}  // namespace holdfast::linux::tpm
