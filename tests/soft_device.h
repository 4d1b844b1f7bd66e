// A device of a ServiceWorld whose every message a test makes itself: a vault in software, its three keys, and a boot
// that a test chooses. Nothing in it follows the protocol but what the test calls.
#pragma once

#include "attesting_device.h"
#include "ports/store/rows/device.h"
#include "service/appraise/attest.h"
#include "service/claim/enroll.h"
#include "service/claim/release.h"
#include "service_world.h"
#include "sim/vault/soft_vault.h"

namespace holdfast::tests {

inline const Boot kGoodBoot = {{0, "firmware 1.0"}, {4, "boot image 1.0"}, {11, "linux 6.1"}};
inline const Boot kTamperedBoot = {{0, "firmware 1.0"}, {4, "boot image 1.0"}, {11, "linux 6.1 with a guest"}};
/// The reference values of a good boot.
inline trust::appraisal::ReferenceSet good_image() { return reference_set("os", "1.0", kGoodBoot); }

class SoftDevice {
 public:
  SoftDevice(ServiceWorld& world, std::string_view label);
  /// The same chip with the same keys again: what a cloner of an emulated TPM holds.
  SoftDevice clone() const;

  sim::vault::SoftVault& vault() { return *vault_; }
  const Digest256& ek_sha256() const { return ek_sha256_; }
  /// What the service calls it once it is enrolled.
  std::string id() const;
  void new_attestation_key();
  void clear_tpm();  ///< every key is another afterwards, but for the endorsement key
  void boot(const Boot& boot = kGoodBoot);
  /// Shows the log of a boot that was not.
  void shows_the_log_of(const Boot& boot) { event_log_ = log_of(boot); }
  void says_it_runs(std::vector<wire::Running> running) { running_ = std::move(running); }
  void says_its_floors_are(std::vector<wire::LaidFloor> floors) { floors_ = std::move(floors); }
  void escrows(Blob escrow) { escrow_ = std::move(escrow); }
  void says_it_started(std::vector<wire::Running> started) { started_ = std::move(started); }

  wire::EnrollRequest enroll_request(Bytes ticket = {});  ///< `ticket`: the file
  Result<wire::EnrollChallenge> begin(Bytes ticket = {});
  Result<wire::EnrollResult> prove(const wire::EnrollChallenge& challenge);
  Result<wire::EnrollResult> enroll(Bytes ticket = {});
  /// On the owner's list, enrolled and booted.
  void join();

  ByteArray<wire::kNonceBytes> nonce();
  wire::AttestRequest evidence(const ByteArray<wire::kNonceBytes>& nonce);
  Result<wire::AttestResult> attest();
  Result<wire::AttestResult> show(const wire::AttestRequest& evidence);
  /// A request (PKCS#10) for its client key under this name.
  Blob client_request(std::string_view name) { return request_for(client_key_, name); }
  /// The verdict of an attestation that is answered.
  std::string verdict();

  /// Its last word about this statement.
  wire::ReleaseConfirmation confirms(const Digest256& statement);

  ports::DeviceRow row();
  /// An operator holds it, or lets it go.
  void set_hold(bool held);

 private:
  SoftDevice(ServiceWorld& world, std::unique_ptr<sim::random::SeededRandom> random);
  void make_keys();
  Blob request_for(const ports::VaultKey& key, std::string_view name);
  wire::CertifiedKey certified(const ports::VaultKey& key, const Digest256& qualifying);

  ServiceWorld* world_;
  std::unique_ptr<sim::random::SeededRandom> random_;
  std::unique_ptr<sim::vault::SoftVault> vault_;
  Digest256 ek_sha256_{};
  ports::VaultKey attestation_key_;
  ports::VaultKey client_key_;
  ports::VaultKey update_key_;
  Blob event_log_;
  std::int64_t boots_ = 0;
  std::vector<wire::Running> running_ = {{"os", "1.0", 1}};
  std::vector<wire::Running> started_;
  Blob escrow_;
  std::vector<wire::LaidFloor> floors_;
};

}  // namespace holdfast::tests
