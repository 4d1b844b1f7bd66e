#include "cli/release/repository.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;
namespace update = trust::update;

constexpr std::string_view kImageName = "/image";

const tuf::Delegation* delegation_of(const tuf::Targets& top, std::string_view role) {
  const auto at = std::ranges::find(top.delegations, role, &tuf::Delegation::name);
  return at == top.delegations.end() ? nullptr : &*at;
}

}  // namespace

std::string draft_file(const owner::Folder& owner, std::string_view role) {
  return cat(owner.path(), "/", role, ".draft.json");
}

Result<std::optional<owner::Document>> read_draft(Files& files, const owner::Folder& owner,
                                                  const tuf::Targets& delegator, const std::string& role,
                                                  std::int64_t listed) {
  const std::string file = draft_file(owner, role);
  const auto bytes = files.read(file, tuf::kTargetsBytesMax);
  if (!bytes && bytes.error().next == Next::NotFound) return std::optional<owner::Document>();
  if (!bytes) return std::unexpected(bytes.error());
  tuf::Envelope envelope = TRY(tuf::parse_envelope(*bytes, tuf::kTargetsBytesMax));
  const bool is_root_role = role == kTopRole || role == kSnapshotRole || role == kTimestampRole;
  auto document = is_root_role ? owner::document_of(std::move(envelope), &*owner.root())
                               : owner::document_of_delegated(std::move(envelope), delegator, role);
  if (!document) return fail_within(printable(file), std::move(document).error());
  if (document->version <= listed) return std::optional<owner::Document>();
  return std::optional(*std::move(document));
}

Result<Repository> Repository::empty(std::string path) {
  Repository out(std::move(path));
  out.roles_.emplace(kTopRole, RoleState{});
  return out;
}

Result<Repository> Repository::open(Files& files, const owner::Folder& owner, std::string path) {
  Repository out(std::move(path));
  out.published_ = TRY(read_published(files, owner, out.path_));
  for (const auto& [role, targets] : out.published_.targets) {
    out.roles_.emplace(role, RoleState{.targets = targets, .listed = targets.header.version});
  }
  TRY(out.reindex());
  return out;
}

Result<void> Repository::resume(Files& files, const owner::Folder& owner, const owner::Signers& keys,
                                const std::string& role) {
  const auto listed = tuf::listed_in(published_.snapshot, role);
  auto draft = TRY(read_draft(files, owner, top(), role, listed ? listed->version : 0));
  if (!draft) return {};
  if (!TRY(owner::is_known(*draft, keys))) {
    return fail(Next::Conflict, owner::kDraftForeign,
                cat("expected a draft that was signed here, saw another in ", printable(draft_file(owner, role)),
                    "; read it and sign it with holdfast release sign, or remove it"));
  }
  RoleState& state = roles_[role];
  state.targets = TRY(tuf::read_targets(draft->envelope));
  state.draft = std::move(draft);
  return reindex();
}

Result<RoleState*> Repository::edit(const std::string& role) {
  if (role != kTopRole && delegation_of(top(), role) == nullptr) {
    return fail(Next::NotFound, tuf::kRoleUndelegated,
                cat("expected a role to which the owner delegates, saw ", printable(role)));
  }
  RoleState& state = roles_[role];
  if (const auto listed = tuf::listed_in(published_.snapshot, role)) state.listed = listed->version;
  state.is_edited = true;
  return &state;
}

Result<void> Repository::require_covered(std::string_view role, std::string_view path) const {
  if (role == kTopRole) return {};
  const tuf::Delegation* delegation = delegation_of(top(), role);
  if (delegation != nullptr && delegation->covers(path)) return {};
  return fail(Next::Rejected, kPathUndelegated,
              cat("expected a path for which the owner lets ", printable(role), " speak, saw ", printable(path)));
}

const tuf::Target* Repository::find(std::string_view path) const {
  const auto of_role = [&](std::string_view role) -> const tuf::Target* {
    const auto state = roles_.find(role);
    if (state == roles_.end()) return nullptr;
    const auto at = state->second.targets.targets.find(path);
    return at == state->second.targets.targets.end() ? nullptr : &at->second;
  };
  if (const tuf::Target* own = of_role(kTopRole)) return own;
  for (const tuf::Delegation& one : top().delegations) {
    if (!one.covers(path)) continue;
    if (const tuf::Target* said = of_role(one.name); said != nullptr || one.terminating) return said;
  }
  return nullptr;
}

Result<Blob> Repository::read(Files& files, const std::string& path, std::size_t bytes_max) const {
  const tuf::Target* target = find(path);
  if (target == nullptr || !target->hashes.sha256) {
    return fail(Next::NotFound, kUnreleased, cat("expected ", printable(path), " in the repository, saw none"));
  }
  return read_content(files, path_, path, *target->hashes.sha256, bytes_max);
}

Result<update::Manifest> Repository::manifest_of(Files& files, const Listed& listed) const {
  const std::string path = cat(listed.image.component, "/", listed.image.version, "/manifest");
  const Blob document = TRY(read(files, path, update::kManifestBytesMax));
  return update::read_manifest(document, listed.image, listed.target.length);
}

Result<void> Repository::reindex() {
  images_.clear();
  withdrawn_.clear();
  TRY(index(std::string(kTopRole), top()));
  for (const tuf::Delegation& one : top().delegations) {
    if (const auto state = roles_.find(one.name); state != roles_.end()) TRY(index(one.name, state->second.targets));
  }
  for (const auto& [path, name] : withdrawn_) images_.erase(update::image_path(name.component, name.version));
  return {};
}

/// The first who speaks for a path comes first. What a maker says of other paths, or puts where it does not belong, is
/// nothing.
Result<void> Repository::index(const std::string& role, const tuf::Targets& targets) {
  for (const auto& [path, target] : targets.targets) {
    if (find(path) != &target) continue;
    if (auto name = update::withdrawn_at(path)) withdrawn_.emplace(path, *std::move(name));
    if (!path.ends_with(kImageName) || target.custom.is_null()) continue;
    auto image = update::image_from(target.custom);
    if (image && !update::require_place(*image, path) && role != kTopRole) continue;
    if (!image && role != kTopRole) continue;
    if (!image) return fail_within(printable(path), std::move(image).error());
    TRY(update::require_place(*image, path));
    images_.emplace(path, Listed{*std::move(image), target, role});
  }
  return {};
}

}  // namespace holdfast::cli::release
