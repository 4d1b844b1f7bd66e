// A service in a few functions, for the unit tests of the device: it speaks every message, checks every signature that
// a device makes, gives out certificates that verify, and otherwise says what its fields tell it to. It appraises
// nothing. Tests of a device with the real service are elsewhere.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "ports/clock.h"
#include "ports/random.h"
#include "sim/net/scripted_net.h"
#include "sim/service/scripted_releases.h"
#include "wire/check_in.h"
#include "wire/enroll.h"

namespace holdfast::sim::service {

inline constexpr std::string_view kCatalog = "acme";
inline constexpr std::string_view kService = "https://service.test:8443";

class ScriptedService {
 public:
  /// Both ports must outlive the service.
  ScriptedService(ports::Random& random, ports::Clock& clock);
  ~ScriptedService();

  /// Becomes what `net` reaches; must outlive it.
  void answer_on(net::ScriptedNet& net);

  /// The file of a new claim ticket, for one device or for a new one.
  Blob ticket(std::optional<std::string> device = std::nullopt);
  /// Where devices find it from the next trust policy and ticket on, and under which CA (DER); publishes that policy.
  void move_to(std::string url, Blob service_ca);
  /// Publishes the next trust policy, as `change_policy` wants it.
  void publish_trust_policy();
  /// Publishes the next trust policy, which names a new director; the former says nothing more.
  void replace_director();
  /// As it was signed, for whoever carries it elsewhere.
  const Blob& trust_policy() const;
  /// From the first to the newest, as they were signed.
  const std::vector<Blob>& roots() const;
  /// Publishes the next root, signed by the last one.
  void publish_root();
  /// No certificate given out so far opens anything any more.
  void supersede_certificates() { certificates_.clear(); }
  /// Knows no device any more.
  void disown_devices();

  // What the next answers say.
  std::string verdict = "healthy";
  std::int64_t recorded_floor = 0;  ///< a device that tells of none so high may update and no more
  Duration client_life = hours(24);
  Duration check_in_again = minutes(5);
  bool attest_now = false;
  std::optional<wire::AuditHead> audit_head;
  bool update_now = false;
  bool directs = true;     ///< whether check-ins speak of updates; without, they refuse what devices say of them
  Duration time_is_off{};  ///< of what is said to be the time
  using ChangePolicy = std::function<void(trust::tuf::TrustPolicy&)>;
  ChangePolicy change_policy;  ///< of the next trust policy

  /// The owner's images, and what devices are to have.
  ScriptedReleases& releases() { return *releases_; }
  /// What devices said at their last check-in.
  const wire::CheckInRequest& last_check_in() const { return last_check_in_; }

  // What was seen.
  const std::set<std::string>& devices() const { return devices_; }  ///< every id ever given
  int enrolments() const { return enrolments_; }                     ///< proofs that changed something
  int attestations() const { return attestations_; }

 private:
  struct Owner;
  struct Chip;
  struct Challenge;
  using Answer = Result<Blob>;

  Answer bootstrap() const;
  Answer enroll(Bytes body);
  Answer prove(Bytes body);
  Answer challenge(Bytes body);
  Answer attest(Bytes body);
  Answer check_in(const ports::NetRequest& request);
  Result<ports::NetAnswer> hand_out(const ports::NetRequest& request) const;
  Blob issue(bool is_client, Bytes spki, const std::string& device, Duration life);

  ports::Random& random_;
  ports::Clock& clock_;
  std::unique_ptr<Owner> owner_;
  std::map<Digest256, std::optional<std::string>> tickets_;  ///< by SHA-256 of the secret; value: for this device
  std::map<Digest256, Chip> chips_;                          ///< by SHA-256 of the endorsement key
  std::map<ByteArray<wire::kChallengeBytes>, Challenge> challenges_;
  std::set<ByteArray<wire::kNonceBytes>> nonces_;
  std::map<Digest256, std::string> certificates_;  ///< by SHA-256: whose
  std::unique_ptr<ScriptedReleases> releases_;
  wire::CheckInRequest last_check_in_;
  std::set<std::string> devices_;
  int enrolments_ = 0;
  int attestations_ = 0;
};

}  // namespace holdfast::sim::service
