#include "programs/simulation/machine_watch.h"

#include "base/text.h"
#include "device/update/owner_documents.h"
#include "device/update/state.h"
#include "device/update/time_floor.h"
#include "programs/simulation/steward.h"
#include "trust/tuf/snapshot.h"

namespace holdfast::programs::simulation {
namespace {

namespace update = device::update;

constexpr std::string_view kDocuments[] = {
    update::kOwnerRootRecord, update::kTrustPolicyRecord, "tuf-root", "tuf-timestamp", "tuf-snapshot", "tuf-targets",
    update::kDirectorRecord};

const Blob* record_of(const Machine& machine, std::string_view name) {
  const auto& records = machine.disk().records();
  const auto found = records.find(name);
  return found == records.end() ? nullptr : &found->second;
}

/// Of any signed document; nothing where it is none.
std::optional<std::int64_t> version_of(const Blob& document) {
  const auto envelope = trust::tuf::parse_envelope(document, trust::tuf::kTargetsBytesMax);
  if (!envelope) return std::nullopt;
  const json::Value* version = envelope->signed_part.find("version");
  const std::int64_t* number = version == nullptr ? nullptr : version->integer();
  return number == nullptr ? std::nullopt : std::optional(*number);
}

}  // namespace

std::vector<std::string> MachineWatch::look(const Machine& machine, WallTime now) {
  std::vector<std::string> wrong;
  look_at_documents(machine, wrong);
  look_at_time(machine, now, wrong);
  for (const std::string_view component : {kOs, kApplication}) {
    const ShelvedImage* runs = machine.running(component);
    if (runs == nullptr) {
      wrong.push_back(cat("runs bytes as ", component, " that nobody released"));
    } else if (runs->security_version < machine.floor().of(component)) {
      wrong.push_back(cat("runs ", component, " ", runs->version, " below its floor"));
    }
  }
  return wrong;
}

std::int64_t MachineWatch::root() const {
  const auto found = kept_.find(update::kOwnerRootRecord);
  return found == kept_.end() ? 0 : found->second.version;
}

void MachineWatch::look_at_documents(const Machine& machine, std::vector<std::string>& wrong) {
  for (const std::string_view name : kDocuments) {
    const Blob* document = record_of(machine, name);
    Kept& kept = kept_[std::string(name)];
    if (document == nullptr || *document == kept.bytes) continue;
    kept.bytes = *document;
    const auto version = version_of(*document);
    if (!version || *version < kept.version) {
      wrong.push_back(cat("keeps as ", name, " version ", version.value_or(0), ", and had ", kept.version));
    }
    kept.version = std::max(kept.version, version.value_or(0));
  }
}

void MachineWatch::look_at_time(const Machine& machine, WallTime now, std::vector<std::string>& wrong) {
  const Blob* record = record_of(machine, update::kTimeFloorRecord);
  if (record == nullptr || *record == time_record_) return;
  time_record_ = *record;
  const auto floor = parse_rfc3339(as_text(*record));
  const Blob* updates = record_of(machine, update::kStateRecord);
  const auto state = updates == nullptr ? Result<update::State>(update::State{}) : update::State::decode(*updates);
  const bool is_vouched_for = floor && state && state->good_until && *floor < *state->good_until;
  if (!is_vouched_for || *floor > now) {
    wrong.push_back(cat("has its time floor at ", as_text(*record), ", beyond the time or what is signed"));
  }
  if (floor && *floor < time_floor_) wrong.push_back(cat("let its time floor fall to ", as_text(*record)));
  if (floor) time_floor_ = std::max(time_floor_, *floor);
}

}  // namespace holdfast::programs::simulation
