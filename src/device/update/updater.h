// Brings what a device runs to what its owner's director says (flow 3). Each step does one bounded piece of work,
// writes down what it is about to do before it does it, and is the same when it is done twice: after a power cut
// anywhere the next step follows from the record, the slots and the director's word. It takes nothing that director and
// image repository do not both name, nothing that does not fit the device, nothing below its floor; tries what it took
// once, and goes back by itself. The caller owns time and decides when a step is due.
#pragma once

#include <memory>

#include "device/medium/medium_source.h"
#include "device/update/kept_on_disk.h"
#include "device/update/owner_documents.h"
#include "device/update/settings.h"
#include "device/update/transfer.h"
#include "device/update/trial.h"
#include "ports/random.h"
#include "trust/tuf/offline_targets.h"
#include "wire/attest.h"

namespace holdfast::device::update {

inline constexpr std::string_view kDirectorPath{"/v1/director"};

/// How often a medium is looked at.
inline constexpr Duration kMediumApart = minutes(1);

/// What an updater works on.
struct Parts {
  ports::Disk& disk;
  ports::Slots& slots;
  ports::Floor& floor;
  ports::Random& random;
  ports::Medium* medium = nullptr;  ///< where an owner's repository is carried to, if anywhere
};

/// What the agent knows at a step.
struct Situation {
  Instant now;
  WallTime wall;  ///< what signed documents are judged at
  std::int64_t boot_count = 0;
  const std::vector<ports::RunningComponent>& booted;  ///< what this boot says that it runs
  const record::Owner* owner = nullptr;
  std::string device{};
  std::string product{};
  std::string device_group{};
  std::optional<ports::ClientIdentity> identity{};  ///< none: nothing can be fetched from a service
  bool is_healthy = false;                          ///< by the last attestation
  bool lacks_floor_alone = false;          ///< update-only, for nothing but a floor that the service knows higher
  std::optional<Instant> attested_at{};    ///< in this boot
  std::optional<Instant> checked_in_at{};  ///< by this process
  bool is_in_use = false;                  ///< a restart had better wait
};

trust::tuf::Recipient recipient_of(const Situation& at);

struct Progress {
  Instant next;                 ///< when the next step is due
  bool wants_boot = false;      ///< the device is to boot; nothing else happens until it does
  bool wants_evidence = false;  ///< what runs has changed in this boot
  bool has_news = false;        ///< the service had better hear of it
  bool is_further = false;      ///< something of it will not have to be done again
};

class Updater {
 public:
  Updater(const Parts& parts, std::string hardware, const Settings& settings);

  /// An Error is to be waited out: nothing of it is lost.
  Result<Progress> step(contact::Services& services, const Situation& at);

  /// The service has director's targets of this version for the device; 0: none. Whether that is news.
  bool note_director(std::int64_t version) { return std::exchange(named_, version) != version && version > 0; }
  /// Whether a service ever said so.
  bool is_directed() const { return named_ > 0 || state_.director > 0; }
  /// "Check now": passes over windows and waits, until everything is done.
  void hurry();
  /// An application ended by itself. While its settings are being tried, that is theirs.
  Result<void> note_exit(const std::string& component, const std::string& version, bool is_crash);

  /// Reads the record, unless it was read; what cannot be read begins anew.
  Result<void> load();
  const State& state() const { return state_; }
  /// Reads what the director said last, so that updates() can say how far it is done.
  Result<void> recall(const record::Owner& owner, const trust::tuf::Recipient& recipient);
  /// Version of the service's word that is followed; 0 while none is.
  std::int64_t director() const { return director_ && !state_.follows_medium ? state_.director : 0; }
  /// The owner's documents have changed: what is followed is looked at anew.
  void look_at_director_again();
  /// Whether the next step looks at the medium.
  bool is_medium_due(Instant now) const { return parts_.medium != nullptr && medium_due_ <= now; }
  /// Whatever is there is new.
  void look_at_medium_again();
  /// Why nothing is taken from the medium, said once.
  std::optional<Error> take_medium_refusal() { return std::exchange(medium_news_, std::nullopt); }
  bool is_trying() const;
  /// `booted` with what was restarted since, as far as it is known.
  std::vector<ports::RunningComponent> running(const std::vector<ports::RunningComponent>& booted) const;
  /// Of what runs, those above zero; one that was lost is none.
  Result<std::vector<wire::LaidFloor>> floors(const std::vector<ports::RunningComponent>& booted);
  std::vector<wire::ImageCounts> counts() const;
  std::vector<wire::UpdateState> updates() const;

  /// Every place of settings is filled with zeros, and their applications run without. A power cut costs doing it
  /// again.
  Result<void> erase_settings();
  /// The same, forgotten: what the director says of settings is fetched and tried anew.
  Result<void> reset_settings();
  /// The records of everything that belongs to an owner; what else the places hold stays.
  static Result<void> erase(ports::Disk& disk);

 private:
  using Entry = std::pair<const std::string, ComponentState>;

  Result<void> save();
  void forget_plan();
  Result<Progress> advance(contact::Services& services, const Situation& at);
  Result<void> count_boot(const Situation& at);

  // What there is to have (updater_plan.cc).
  Result<bool> follow(contact::Services& services, const Situation& at, const Access& access);
  Result<void> take_director(Blob document, const Situation& at);
  Result<void> adopt(trust::Verified<trust::tuf::DirectorTargets> word, bool is_from_medium);
  Result<bool> plan(const Situation& at);
  bool has_everything(const trust::tuf::DirectorTargets& directed) const;
  bool is_there(const trust::tuf::DirectedImage& image) const;
  bool has_failed(const trust::tuf::DirectedImage& image) const;
  void add_open(std::vector<wire::UpdateState>& states) const;
  Result<Progress> work(const Situation& at);
  Result<Progress> work_on(Goal& goal, const Situation& at);
  Result<bool> is_known(const Goal& goal, ports::SlotFacts facts);
  Result<void> begin(const Goal& goal, ports::SlotFacts facts, const Situation& at);
  Result<Progress> fetch(const Goal& goal, ports::SlotFacts facts, const Situation& at);
  Instant allowed_at(const Situation& at) const;
  Progress wait(const std::string& component, std::string_view why, Instant until);

  // What is carried to the device (updater_medium.cc).
  Result<bool> look_at_medium(const Situation& at);
  Result<bool> take_from_medium(const Situation& at);
  bool has_medium_ended(const Situation& at);
  Result<std::optional<Duration>> kept_alone_after(const Situation& at) const;

  // Trials (updater_trial.cc).
  Result<Progress> try_out(const std::string& component, const Situation& at);
  Result<void> require_usable(const std::string& component, const Situation& at);
  Result<std::optional<Progress>> look_at_trials(const Situation& at);
  Result<Progress> look_at(Entry& entry, ports::SlotFacts facts, const Situation& at);
  Result<Progress> judge(Entry& entry, const Situation& at);
  Result<Progress> keep(Entry& entry, const Situation& at);
  Result<Progress> fall_back(Entry& entry, Ending ending, const Situation& at);
  Result<Progress> settle_failure(Entry& entry, const Situation& at);
  Result<Progress> restart(const std::string& component, const Situation& at);
  void blame(Entry& entry, std::string reason);
  Result<void> clear_suspicion(Entry& entry, const Situation& at);
  Result<void> erase_places(const std::string& component, const ports::SlotFacts& facts);
  static bool has_reached(const Attempt& attempt, const Situation& at);
  Result<void> disarm_unknown(const std::string& component);

  // Floors (updater_floor.cc).
  Result<void> raise_floor(const std::string& component, const Holding& lowest);
  Result<std::optional<ports::SlotFacts>> facts_at_rest(const Entry& entry);
  Result<bool> settle_floors(const Situation& at);
  Result<bool> is_way_back_over(const Entry& entry, const Holding& runs, const Situation& at);
  Result<bool> close_fallbacks(const Situation& at);
  TrialSeen seen_of(const Entry& entry, const Situation& at) const;
  ports::ImageRepository& source();

  Parts parts_;
  std::string hardware_;
  Settings settings_;
  bool is_loaded_ = false;
  State state_;
  KeptOnDisk kept_;
  ServiceSource service_source_;
  medium::MediumSource medium_source_;
  std::optional<RepositoryClient> client_;
  std::optional<trust::Verified<trust::tuf::DirectorTargets>> director_;
  std::optional<Plan> plan_;
  std::optional<Transfer> transfer_;
  struct Survey {
    std::string component;
    std::vector<Holding> candidates;
    std::optional<PlaceHasher> hasher;
  };
  std::optional<Survey> survey_;
  std::map<std::string, std::string, std::less<>> waiting_;  ///< component → why
  std::map<std::string, int, std::less<>> crashes_;          ///< during a trial
  std::map<std::string, ports::Slot, std::less<>> running_;  ///< as the slots last said
  std::map<std::string, Instant, std::less<>> not_before_;
  Instant medium_due_;
  std::optional<Reason> medium_refused_;  ///< what was said of it last
  std::optional<Error> medium_news_;
  std::int64_t named_ = 0;
  std::int64_t asked_for_ = -1;  ///< the version named when the service had none after all
  Instant paced_;                ///< nothing is fetched before
  std::optional<Instant> deferred_since_;
  bool is_hurried_ = false;
  bool is_leaving_ = false;          ///< a boot was asked for
  bool are_floors_settled_ = false;  ///< since something was found out, kept or given up
};

}  // namespace holdfast::device::update
