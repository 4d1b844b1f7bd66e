// The device agent: brings one device from a claim ticket to certificates and keeps it there (flows 1 and 2). It owns
// no thread and no clock: whoever runs it calls step() at the time that the last step named, or earlier when something
// happened. A step does one activity, which puts what it must not lose on disk before it acts and changes one record
// when it is done; after a power cut anywhere the same activity is chosen again from the records. Whatever a service
// answers, the agent goes on; what it cannot do now it does later, and says why in the record of trouble.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/attest/attest.h"
#include "device/bootstrap/bootstrap.h"
#include "device/check_in/check_in.h"
#include "device/contact/services.h"
#include "device/record/records.h"
#include "device/update/time_floor.h"
#include "device/update/updater.h"
#include "ports/boot.h"
#include "ports/medium.h"
#include "ports/random.h"
#include "ports/sealed_storage.h"

namespace holdfast::device {

inline constexpr Reason kAttestationRefused{"attestation-refused"};  ///< a verdict without any certificate

inline constexpr std::size_t kEventsMax = 64;
/// When there is nothing to do, the agent looks again after this time.
inline constexpr Duration kIdle = hours(1);
/// A service that always wants evidence at once gets it this often.
inline constexpr Duration kAttestApart = seconds(30);

struct Ports {
  ports::Disk& disk;
  ports::Net& net;
  ports::Vault& vault;
  ports::Boot& boot;
  ports::Random& random;
  ports::Slots* slots = nullptr;  ///< both, or the device takes no updates
  ports::Floor* floor = nullptr;
  ports::Medium* medium = nullptr;         ///< where updates are carried to, if anywhere
  ports::SealedStorage* sealed = nullptr;  ///< if the device has some
};

/// What is known of the device beside its ports.
struct AgentSettings {
  std::string hardware{};  ///< as releases name it
  update::Settings updates{};
};

enum class Activity {
  ReadBoot,
  Bootstrap,
  MakeAttestationKey,
  Enroll,
  MakeTlsKeys,
  Attest,
  CheckIn,
  Update,
  AskForRelease,
  ConfirmRelease
};
inline constexpr std::size_t kActivityCount = 10;
std::string_view name_of(Activity activity);

/// Something worth a line in a log: names and printable values, no secrets.
struct Event {
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;
};

class Agent {
 public:
  /// One agent is one boot of one device. The ports must outlive it.
  explicit Agent(const Ports& ports, AgentSettings settings = {});

  /// A claim ticket that lies ready. An enrolled device leaves it alone until its service, or its vault, no longer
  /// knows it.
  Result<void> offer_ticket(Bytes file);

  /// An Error means that the disk failed; whatever else fails is dealt with and recorded.
  Result<Instant> step(Instant now, WallTime clock);

  /// Everything that waits is due now.
  void wake();
  /// What failed is due now: the world has changed.
  void retry();

  std::vector<Event> take_events() { return std::exchange(events_, {}); }
  const record::Records& records() const { return records_; }
  /// Whether this boot was attested and a service was spoken to with the certificate, and the owner keeps the device.
  bool has_checked_in() const { return has_checked_in_ && !wants_release_; }
  /// Whether its owner let it go, everything of theirs is erased, they have heard, and nobody has claimed it since.
  bool is_released() const;
  /// Whether its owner let it go and is still to hear that it is done.
  bool is_confirming_release() const;
  /// What stands in the way, unless the agent is dealing with it.
  const std::optional<Error>& failure() const { return failure_; }
  bool waits_for_ticket() const;
  /// The device is to boot, into an image to try or back to the one before. Nothing else is done until it does.
  bool wants_boot() const { return wants_boot_; }
  /// Somebody uses the device: a restart for an update waits within its limits.
  void set_in_use(bool is_in_use) { is_in_use_ = is_in_use; }
  /// Settings are as they were when the device was made, until the director's are fetched anew. What the device is, and
  /// whose, stays.
  Result<void> reset_settings();
  /// An application ended by itself; counted for its image.
  Result<void> note_exit(const std::string& component, const std::string& version, bool is_crash);

 private:
  struct Timer {
    Instant due;
    int failures = 0;
  };
  struct Moment {
    Instant now;
    WallTime wall;      ///< what signed documents are judged at
    WallTime earliest;  ///< as in ports::NetRequest
    WallTime clock;     ///< what the device's clock says
  };

  Timer& timer(Activity activity) { return timers_[static_cast<std::size_t>(activity)]; }
  const Timer& timer(Activity activity) const { return timers_[static_cast<std::size_t>(activity)]; }
  void event(std::string_view name, std::vector<std::pair<std::string, std::string>> fields);

  // What there is to do.
  bool is_enrolled() const;
  bool is_attested_this_boot() const;
  bool may_check_in() const;
  bool has_unused_ticket() const;
  bool needs_bootstrap() const;
  std::vector<Activity> open_activities() const;
  Instant due(Activity activity, Instant now) const;

  // What a step does.
  Result<void> settle();
  Result<void> perform(Activity activity, contact::Services& services, Moment at);
  Result<void> succeeded(Activity activity, Instant now);
  Result<void> failed(Activity activity, const Error& error, std::optional<Duration> asked_to_wait, Moment at);
  Duration renewal_patience() const;
  Result<bool> repaired(Activity activity, const Error& error);
  Result<void> forget_enrolment();
  Result<void> erase_for_release();

  // The activities (activities.cc).
  Result<void> read_boot();
  Result<void> bind_client_key();
  Result<void> bootstrap(contact::Services& services, Moment at);
  Result<void> keep_owner(bootstrap::Found found);
  bootstrap::Judged judged(WallTime now, Moment at) const;
  Result<void> make_attestation_key();
  Result<void> enroll(contact::Services& services);
  Result<void> make_tls_keys();
  Result<void> attest(contact::Services& services, Moment at);
  void plan_after_attestation(Instant now);
  Result<void> check_in(contact::Services& services, Moment at);
  Result<void> ask_for_release(contact::Services& services, Moment at);
  Result<void> confirm_release(contact::Services& services, Moment at);

  // Updates (updates.cc).
  void make_updater();
  bool may_update() const;
  bool speaks_of_updates() const;
  Result<void> update(contact::Services& services, Moment at);
  Result<bool> take_carried_policy(Moment at);
  void tell_medium(const std::optional<Error>& refused);
  update::Situation situation(Moment at) const;
  void tell_updates();
  void look_at_updates(Instant now);
  Result<check_in::News> news(Moment at);
  Result<void> hear(const check_in::News& said, const wire::CheckInResult& result, Moment at);
  Result<void> erase_updates();
  std::vector<ports::RunningComponent> running() const;
  Result<attest::Told> told_with(const ports::BootFacts& boot);

  Ports ports_;
  AgentSettings settings_;
  record::Records records_;
  update::TimeFloor time_floor_;
  std::optional<update::Updater> updater_;
  std::optional<Reason> policy_refused_;  ///< what was said last of a medium's trust policy
  std::optional<record::Ticket> offered_;
  std::optional<ports::BootFacts> facts_;  ///< without the event log
  std::array<Timer, kActivityCount> timers_{};
  std::vector<Event> events_;
  std::string trace_;  ///< of the step that is being done
  std::optional<Error> failure_;
  int unhealthy_verdicts_ = 0;  ///< in a row
  bool wants_bootstrap_ = false;
  bool wants_attestation_ = false;
  bool wants_release_ = false;
  bool has_checked_in_ = false;
  std::optional<Instant> checked_in_at_;
  bool speaks_plainly_ = false;  ///< the service did not understand what is said of updates
  bool is_in_use_ = false;
  bool wants_boot_ = false;
  bool is_further_ = false;  ///< with an update, at the last step
};

}  // namespace holdfast::device
