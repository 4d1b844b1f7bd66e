// A key vault in software for simulated devices: the structures, names, credentials and signatures are a TPM's own and
// verify as such; nothing keeps its keys from whoever owns the process. Keys and seals come from the Random port and
// time from the Clock port, so that a seed replays a run (an ECDSA signature's own nonce stays libcrypto's).
// A few kilobytes each, made for thousands in one process.
#pragma once

#include <array>
#include <memory>
#include <variant>

#include "ports/clock.h"
#include "ports/random.h"
#include "ports/vault.h"
#include "trust/tpm/attest.h"
#include "trust/tpm/public_area.h"

namespace holdfast::sim::vault {

enum class EndorsementKind { EcP256, EcP384, Rsa2048 };  ///< RSA is slow to make and not seeded

class SoftVault final : public ports::Vault {
 public:
  /// Both ports must outlive the vault.
  static Result<std::unique_ptr<SoftVault>> make(ports::Random& random, ports::Clock& clock,
                                                 EndorsementKind kind = EndorsementKind::EcP256);
  ~SoftVault() override;

  Result<ports::EndorsementKey> endorsement_key() override;
  Result<ports::VaultKey> create_key(ports::KeyUse use) override;
  bool binds_client_keys() override;
  Result<Secret> activate_credential(const ports::VaultKey& attestation_key, Bytes credential_blob,
                                     Bytes encrypted_secret) override;
  Result<ports::QuotedPcrs> quote(const ports::VaultKey& attestation_key, const Digest256& qualifying_data) override;
  Result<ports::Attestation> certify(const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                     const Digest256& qualifying_data) override;
  Result<Blob> sign(const ports::VaultKey& key, Bytes digest) override;

  // What a maker, a machine and an owner do to a chip.

  /// The certificate over `endorsement_public()`, and its issuers.
  void install_certificate(Blob certificate, std::vector<Blob> chain);
  const trust::tpm::PublicArea& endorsement_public() const;
  /// A power cycle after an orderly shutdown (TPM Reset): PCRs start again and the reset count rises.
  void reset();
  void extend(unsigned pcr, const Digest256& digest);
  /// This boot is one that client keys are made for, or that opens none of them (trust/tpm/boot_policy.h).
  void call_boot_good(bool is_good);
  /// SHA-256 bank, PCR 0 to 23.
  const std::array<Digest256, trust::tpm::kPcrCount>& pcrs() const;
  /// TPM2_Clear: every key blob dies, counts and clock start anew, the endorsement key stays.
  void clear();
  /// The same chip twice, with the same keys and counts: what a cloner of an emulated TPM holds.
  std::unique_ptr<SoftVault> clone() const;

 private:
  struct Chip;
  struct LoadedKey;
  SoftVault(ports::Random& random, ports::Clock& clock, std::unique_ptr<Chip> chip);
  Result<LoadedKey> load(const ports::VaultKey& key) const;
  trust::tpm::ClockInfo clock_info() const;
  Result<ports::Attestation> attest(const LoadedKey& signer, const Digest256& qualifying_data,
                                    std::variant<trust::tpm::QuoteInfo, trust::tpm::CertifyInfo> attested) const;

  ports::Random& random_;
  ports::Clock& clock_;
  std::unique_ptr<Chip> chip_;
};

}  // namespace holdfast::sim::vault
