#include "device/update/repository_client.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/tuf/search.h"

namespace holdfast::device::update {
namespace {

namespace tuf = trust::tuf;

constexpr std::string_view kDigits = "0123456789ABCDEF";
constexpr std::string_view kTop = tuf::kTopTargets;
constexpr std::size_t kLengthHeldMax = 64 * 1024 * 1024;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string encoded(std::string_view text, bool keeps_slashes) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || (keeps_slashes && c == '/')) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += cat("%", std::string(1, kDigits[byte >> 4]), std::string(1, kDigits[byte & 15]));
    }
  }
  return out;
}

/// Keys that were taken from timestamp or snapshot may have signed versions that nobody can ever pass (§5.3.11).
bool has_lost_holders(const tuf::Root& before, const tuf::Root& now) {
  return std::ranges::any_of(std::array{tuf::RoleName::Timestamp, tuf::RoleName::Snapshot}, [&](tuf::RoleName name) {
    const auto& left = now.role(name).key_ids;
    return std::ranges::any_of(before.role(name).key_ids,
                               [&](const tuf::KeyId& id) { return std::ranges::find(left, id) == left.end(); });
  });
}

/// With a consistent snapshot, `a/b` is at `a/<digest>.b` (§6.2).
std::string placed(std::string_view path, const tuf::Target& target, bool is_consistent) {
  if (!is_consistent) return encoded(path, true);
  const std::string digest = target.hashes.sha256 ? to_hex(*target.hashes.sha256) : to_hex(*target.hashes.sha512);
  const std::size_t name = path.rfind('/') + 1;  // 0 where there is no slash
  return cat(encoded(path.substr(0, name), true), digest, ".", encoded(path.substr(name), true));
}

Result<Blob> fetch_from(ports::Repository& repository, std::string_view path, std::size_t bytes_max) {
  auto file = TRY(repository.fetch(path, bytes_max));
  if (file) return *std::move(file);
  return fail(Next::Retry, kFileUnpublished, cat("expected ", printable(path), " in the repository, saw none"));
}

}  // namespace

std::string as_segment(std::string_view text) {
  if (text == "." || text == "..") return text == "." ? "%2E" : "%2E%2E";
  return encoded(text, false);
}

/// Everything is judged at one time (§5.1).
Result<void> RepositoryClient::refresh(WallTime now) {
  targets_.clear();
  now_ = now;
  TRY(update_root());
  TRY(update_timestamp());
  TRY(update_snapshot());
  TRY(load({std::string(kTop), ""}));
  return {};
}

/// What cannot be read is as good as absent: it can be fetched again.
std::optional<Blob> RepositoryClient::kept(std::string_view role) const {
  auto document = kept_.read(role);
  return document ? *std::move(document) : std::nullopt;
}

/// §5.3. Only the last root has to be in force.
Result<void> RepositoryClient::update_root() {
  const auto kept = TRY(kept_.read("root"));
  if (!kept) return fail(Next::NotFound, kRootMissing, "expected a root to begin with, saw none");
  root_ = TRY(tuf::verify_pinned_root(*kept, tuf::root_digest(*kept)));
  for (std::size_t walked = 0; walked < tuf::kRootChainMax; ++walked) {
    const auto next = TRY(repository_.fetch(cat((*root_)->version + 1, ".root.json"), kRootBytesMax));
    if (!next) break;
    auto root = TRY(tuf::verify_next_root(*next, *root_));
    if (has_lost_holders(**root_, *root)) {
      TRY(kept_.remove("timestamp"));
      TRY(kept_.remove("snapshot"));
    }
    TRY(kept_.write("root", *next));
    root_ = std::move(root);
  }
  return tuf::require_unexpired("root metadata", (*root_)->expires, now_);
}

/// §5.4.
Result<void> RepositoryClient::update_timestamp() {
  timestamp_.reset();
  if (const auto before = kept("timestamp")) {
    if (auto known = tuf::verify_timestamp(*before, *root_, {})) timestamp_ = *std::move(known);
  }
  const Blob document = TRY(fetch_from(repository_, "timestamp.json", tuf::kTimestampBytesMax));
  const std::int64_t before = timestamp_ ? (*timestamp_)->header.version : 0;
  timestamp_ = TRY(tuf::verify_timestamp(document, *root_, timestamp_));
  TRY(tuf::require_unexpired("timestamp metadata", (*timestamp_)->header.expires, now_));
  return (*timestamp_)->header.version == before ? Result<void>() : kept_.write("timestamp", document);
}

/// §5.5.
Result<void> RepositoryClient::update_snapshot() {
  snapshot_.reset();
  const auto last = kept("snapshot");
  if (last) {
    if (auto current = tuf::verify_snapshot(*last, *root_, *timestamp_, {})) {
      snapshot_ = *std::move(current);
      return tuf::require_unexpired("snapshot metadata", (*snapshot_)->header.expires, now_);
    }
  }
  Trusted<tuf::Snapshot> before;
  if (last) {
    if (auto known = tuf::verify_kept_snapshot(*last, *root_)) before = *std::move(known);
  }
  const Blob document = TRY(fetch_listed("snapshot.json", (*timestamp_)->snapshot, tuf::kSnapshotBytesMax));
  snapshot_ = TRY(tuf::verify_snapshot(document, *root_, *timestamp_, before));
  TRY(tuf::require_unexpired("snapshot metadata", (*snapshot_)->header.expires, now_));
  return kept_.write("snapshot", document);
}

Result<trust::Verified<tuf::Targets>> RepositoryClient::verify(const Delegated& delegated, Bytes document) const {
  if (delegated.role == kTop) return tuf::verify_targets(document, *root_, *snapshot_);
  return tuf::verify_delegated_targets(document, targets_.at(delegated.delegator), delegated.role, *snapshot_);
}

/// §5.6: what is kept where it is still the one that the snapshot lists, else what the repository has.
Result<const tuf::Targets*> RepositoryClient::load(const Delegated& delegated) {
  const std::string name = as_segment(delegated.role);
  const auto last = kept(name);
  Trusted<tuf::Targets> targets;
  if (last) {
    if (auto current = verify(delegated, *last)) targets = *std::move(current);
  }
  if (targets) {
    TRY(tuf::require_unexpired(printable(delegated.role), (*targets)->header.expires, now_));
  } else {
    const tuf::MetaFile listed = TRY(tuf::listed_in(**snapshot_, delegated.role));
    const Blob document = TRY(fetch_listed(cat(name, ".json"), listed, tuf::kTargetsBytesMax));
    targets = TRY(verify(delegated, document));
    TRY(tuf::require_unexpired(printable(delegated.role), (*targets)->header.expires, now_));
    TRY(kept_.write(name, document));
  }
  return &*targets_.insert_or_assign(delegated.role, *std::move(targets)).first->second;
}

Result<std::optional<tuf::Target>> RepositoryClient::find(std::string_view path) {
  if (!targets_.contains(kTop)) return fail(Next::Retry, kUnrefreshed, "expected metadata that is in force, saw none");
  std::erase_if(targets_, [](const auto& one) { return one.first != kTop; });
  return tuf::find_target(path, [&](const std::string& role, const std::string& delegator) {
    return role == kTop ? Result<const tuf::Targets*>(&*targets_.at(role)) : load({role, delegator});
  });
}

Result<std::string> RepositoryClient::place_of(std::string_view path, const tuf::Target& target) const {
  TRY(tuf::require_known_hash(path, target.hashes));
  return placed(path, target, (*root_)->consistent_snapshot);
}

std::optional<WallTime> RepositoryClient::good_until() const {
  const auto top = targets_.find(kTop);
  if (top == targets_.end()) return std::nullopt;
  return std::min(
      {(*root_)->expires, (*timestamp_)->header.expires, (*snapshot_)->header.expires, top->second->header.expires});
}

Result<Blob> RepositoryClient::download(ports::Repository& images, std::string_view path,
                                        const tuf::Target& target) const {
  if (target.length > static_cast<std::int64_t>(kLengthHeldMax)) {
    return fail(Next::Exhausted, ports::kRepositoryEndless,
                cat("expected at most ", kLengthHeldMax, " bytes to hold at once, saw a target of ", target.length));
  }
  const std::string place = TRY(place_of(path, target));
  Blob content = TRY(fetch_from(images, place, static_cast<std::size_t>(target.length)));
  if (content.size() != static_cast<std::size_t>(target.length)) {
    return fail(Next::Rejected, tuf::kContentDiffers,
                cat("expected ", target.length, " bytes of ", printable(path), ", saw ", content.size()));
  }
  TRY(tuf::require_hashes(printable(path), target.hashes, content));
  return content;
}

/// A document that another one names, under its version where snapshots are consistent (§6.2).
Result<Blob> RepositoryClient::fetch_listed(std::string_view file, const tuf::MetaFile& listed, std::size_t bytes_max) {
  if (listed.length) bytes_max = std::min(bytes_max, static_cast<std::size_t>(*listed.length));
  return fetch_from(repository_, (*root_)->consistent_snapshot ? cat(listed.version, ".", file) : std::string(file),
                    bytes_max);
}

}  // namespace holdfast::device::update
