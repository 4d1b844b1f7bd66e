#include "device/medium/carried_word.h"
#include "device/update/updater.h"

namespace holdfast::device::update {

namespace tuf = trust::tuf;

tuf::Recipient recipient_of(const Situation& at) { return {at.device, at.product, at.device_group}; }

void Updater::look_at_medium_again() {
  medium_due_ = {};
  medium_refused_.reset();
}

/// Takes what a medium says that is new; whether that was this step. What is wrong with a medium is told once, and
/// stands in the way of nothing that goes on without it.
Result<bool> Updater::look_at_medium(const Situation& at) {
  if (!is_medium_due(at.now) || at.device.empty()) return false;
  medium_due_ = at.now + kMediumApart;
  auto taken = take_from_medium(at);
  if (!taken && taken.error().reason == ports::kDiskFailed) return taken;
  const auto before = std::exchange(medium_refused_, taken ? std::nullopt : std::optional(taken.error().reason));
  if (!taken && before != taken.error().reason) medium_news_ = taken.error();
  return taken && *taken;
}

/// Nothing is followed before all metadata beside it is verified (flow 3.3), so that a medium that was tampered with,
/// is another owner's or is an old one changes nothing. One that says nothing new costs no more than its word.
Result<bool> Updater::take_from_medium(const Situation& at) {
  if (!TRY(parts_.medium->look())) return false;
  const OwnerDocuments documents = TRY(owner_documents(parts_.disk, *at.owner));
  TRY(recall(*at.owner, recipient_of(at)));
  auto word = TRY(medium::newest_word(*parts_.medium, documents.policy, recipient_of(at), state_.offline_director));
  const bool is_lost = state_.follows_medium && !director_;
  if (word.targets->version == state_.offline_director && !is_lost) return false;
  TRY(tuf::require_unexpired("the offline director's word", word.targets->expires, at.wall));
  RepositoryClient client(medium_source_, kept_);
  TRY(client.refresh(at.wall));
  TRY(parts_.disk.write(kOfflineDirectorRecord, word.document));
  TRY(adopt(std::move(word.targets), true));
  return true;
}

/// What was said too long ago is not gone on with; what it brought stays.
bool Updater::has_medium_ended(const Situation& at) {
  if (!state_.follows_medium || at.wall < (*director_)->expires) return false;
  for (const auto& [path, image] : (*director_)->images) {
    waiting_[path.substr(0, path.find('/'))] = tuf::kMetadataExpired.word();
  }
  return true;
}

/// By the owner's word alone, and for what came by a medium.
Result<std::optional<Duration>> Updater::kept_alone_after(const Situation& at) const {
  if (!state_.follows_medium || at.owner == nullptr) return std::optional<Duration>();
  const auto documents = owner_documents(parts_.disk, *at.owner);
  if (!documents && documents.error().reason != kOwnerDocumentsMissing) return std::unexpected(documents.error());
  const bool is_allowed = documents && documents->policy->offline_director &&
                          documents->policy->offline_director->confirm_after > Duration::zero();
  if (!is_allowed) return std::optional<Duration>();
  return std::optional(documents->policy->offline_director->confirm_after);
}

}  // namespace holdfast::device::update
