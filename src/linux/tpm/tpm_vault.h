// The key vault in a TPM 2.0 chip, reached through a TSS connection string ("device:/dev/tpmrm0", "swtpm:path=…").
// Nobody needs to stand between: at most three objects and two sessions are ever loaded, and none outlives its call.
// Every command is authorised in a session salted to the endorsement key of the chip's certificate, with its parameters
// encrypted, so that what sits on the bus can neither read secrets nor answer in the chip's name (kVaultInterposed).
// The connection opens with the first call and stays for a burst of calls; `release()` gives the chip back to others.
#pragma once

#include <memory>
#include <string>

#include "ports/vault.h"

namespace holdfast::linux::tpm {

class Connection;

class TpmVault final : public ports::Vault {
 public:
  explicit TpmVault(std::string connection_string);
  ~TpmVault() override;

  Result<ports::EndorsementKey> endorsement_key() override;
  Result<ports::VaultKey> create_key(ports::KeyUse use) override;
  Result<Secret> activate_credential(const ports::VaultKey& attestation_key, Bytes credential_blob,
                                     Bytes encrypted_secret) override;
  Result<ports::QuotedPcrs> quote(const ports::VaultKey& attestation_key, const Digest256& qualifying_data) override;
  Result<ports::Attestation> certify(const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                     const Digest256& qualifying_data) override;
  Result<Blob> sign(const ports::VaultKey& key, Bytes digest) override;

  /// Ends the burst: closes the session and the connection. The next call opens them again.
  void release();

 private:
  Result<Connection*> connected();
  template <class Operation>
  auto within_burst(Operation operation);

  std::string connection_string_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace holdfast::linux::tpm
