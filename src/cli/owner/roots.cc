#include "cli/owner/roots.h"

#include <algorithm>

#include "base/text.h"
#include "cli/owner/document.h"

namespace holdfast::cli::owner {
namespace {

namespace tuf = trust::tuf;
using trust::crypto::PublicKey;

constexpr std::string_view kRootRole = "root";

std::string draft_file(const std::string& folder, std::int64_t version) {
  return cat(folder, "/", version, ".root.draft.json");
}

/// Keys of kinds that we do not know are left behind: they sign nothing.
tuf::RootDraft draft_from(const tuf::Root& root) {
  tuf::RootDraft out{.version = root.version + 1, .expires = root.expires, .keys = {}, .roles = {}};
  std::vector<tuf::KeyId> ids;
  for (const tuf::Key& key : root.keys) {
    if (!key.key) continue;
    out.keys.push_back(*key.key);
    ids.push_back(key.id);
  }
  for (std::size_t i = 0; i < tuf::kRoleCount; ++i) {
    out.roles[i].threshold = root.roles[i].threshold;
    for (const tuf::KeyId& id : root.roles[i].key_ids) {
      const auto at = std::ranges::find(ids, id);
      if (at != ids.end()) out.roles[i].keys.push_back(static_cast<std::size_t>(at - ids.begin()));
    }
  }
  return out;
}

std::size_t index_of(tuf::RootDraft& draft, const PublicKey& key) {
  const auto same = [&](const PublicKey& one) { return one.spki_sha256() == key.spki_sha256(); };
  const auto at = std::ranges::find_if(draft.keys, same);
  if (at != draft.keys.end()) return static_cast<std::size_t>(at - draft.keys.begin());
  draft.keys.push_back(key);
  return draft.keys.size() - 1;
}

void add_holder(tuf::RoleDraft& role, std::size_t key) {
  if (std::ranges::find(role.keys, key) == role.keys.end()) role.keys.push_back(key);
}

/// Without the keys that hold no role any more.
tuf::RootDraft tidied(const tuf::RootDraft& draft) {
  tuf::RootDraft out{.version = draft.version, .expires = draft.expires, .keys = {}, .roles = draft.roles};
  for (tuf::RoleDraft& role : out.roles) {
    for (std::size_t& key : role.keys) key = index_of(out, draft.keys[key]);
  }
  return out;
}

bool is_held_as_root(const tuf::RoleDraft& role, const tuf::RoleDraft& root) {
  return role.threshold == root.threshold && std::ranges::is_permutation(role.keys, root.keys);
}

/// Refuses a name that is no key of this root, so that a slip of the pen drops nothing in silence.
Result<void> drop_keys(const tuf::Root& root, const std::vector<tuf::KeyId>& dropped, tuf::RootDraft& draft) {
  for (const tuf::KeyId& id : dropped) {
    const auto key = std::ranges::find(root.keys, id, &tuf::Key::id);
    if (key == root.keys.end()) {
      return fail(Next::NotFound, kKeyNotInRoot,
                  cat("expected the id of a key of root ", root.version, ", saw ", printable(id, 80)));
    }
    if (!key->key) continue;
    const std::size_t index = index_of(draft, *key->key);
    for (tuf::RoleDraft& role : draft.roles) std::erase(role.keys, index);
  }
  return {};
}

/// Signs it with what is at hand and writes it. Returns what is missing, as words.
Result<std::string> write_draft(World& world, const Folder& folder, const tuf::RootDraft& draft) {
  Document document = TRY(document_of(TRY(tuf::make_root(tidied(draft))), &*folder.root()));
  const Signers keys = TRY(keys_in(world, folder.path()));
  TRY(sign(document, keys));
  TRY(world.files.write(draft_file(folder.path(), draft.version), tuf::dump_envelope(document.envelope),
                        Access::Everyone));
  return missing(document);
}

/// What was drafted so far, or else the root in force.
Result<tuf::RootDraft> begun_draft(World& world, const Folder& folder) {
  const std::int64_t next = folder.root()->version + 1;
  const std::string file = draft_file(folder.path(), next);
  const auto there = world.files.read(file, tuf::kEnvelopeBytesMax);
  if (!there && there.error().next == Next::NotFound) return draft_from(*folder.root());
  if (!there) return std::unexpected(there.error());
  const Document document = TRY(document_of(TRY(tuf::parse_envelope(*there)), &*folder.root()));
  if (document.kind != DocumentKind::Root || !TRY(is_known(document, TRY(keys_in(world, folder.path()))))) {
    return fail(Next::Conflict, kDraftForeign,
                cat("expected a draft that was signed here, saw another in ", printable(file),
                    "; read it and sign it with holdfast owner sign, or remove it"));
  }
  const tuf::Root drafted = TRY(tuf::read_root(document.envelope));
  if (drafted.version != next) return draft_from(*folder.root());
  tuf::RootDraft out = draft_from(drafted);
  out.version = next;
  return out;
}

std::string words_for(const tuf::RootDraft& draft) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < tuf::kRoleCount; ++i) {
    parts.push_back(cat(tuf::name_of(static_cast<tuf::RoleName>(i)), " by ", draft.roles[i].threshold, " of ",
                        draft.roles[i].keys.size(), draft.roles[i].keys.size() == 1 ? " key" : " keys"));
  }
  return join(parts, ", ");
}

}  // namespace

Result<Folder> make_owner(World& world, const std::string& path, std::size_t keys, std::int64_t threshold,
                          Duration life) {
  TRY(world.files.make_private_folder(path));
  if (!TRY(keys_in(world, path)).empty()) {
    return fail(Next::Conflict, kOwnerThere, cat("expected a folder without keys, saw some in ", printable(path)));
  }
  Signers made;
  std::vector<PublicKey> holders;
  for (std::size_t number = 1; number <= keys; ++number) {
    made.push_back(TRY(make_key(world, path, {.role = std::string(kRootRole)})).signer);
    holders.push_back(TRY(public_key_of(*made.back())));
  }
  const auto draft = tuf::first_root(std::move(holders), threshold, world.clock.wall_time() + life);
  Document document = TRY(document_of(TRY(tuf::make_root(draft)), nullptr));
  TRY(sign(document, made));
  TRY(world.files.create(root_file(path, 1), tuf::dump_envelope(document.envelope), Access::Everyone));
  return Folder::open(world.files, path);
}

Result<std::string> draft_next_root(World& world, const Folder& folder, const RootChange& change) {
  const tuf::Root& root = *folder.root();
  tuf::RootDraft draft = draft_from(root);
  std::array<bool, tuf::kRoleCount> as_root{};
  for (std::size_t i = 0; i < tuf::kRoleCount; ++i) as_root[i] = is_held_as_root(draft.roles[i], draft.roles.front());
  TRY(drop_keys(root, change.keys_dropped, draft));
  for (std::size_t i = 0; i < change.keys_added; ++i) {
    const auto made = TRY(make_key(world, folder.path(), {.role = std::string(kRootRole)}));
    const std::size_t index = index_of(draft, TRY(public_key_of(*made.signer)));
    for (std::size_t role = 0; role < tuf::kRoleCount; ++role) {
      if (as_root[role]) add_holder(draft.roles[role], index);
    }
  }
  for (std::size_t i = 0; i < tuf::kRoleCount; ++i) {
    if (as_root[i]) draft.roles[i].threshold = change.threshold.value_or(draft.roles[i].threshold);
  }
  draft.expires = world.clock.wall_time() + change.life;
  const std::string needed = TRY(write_draft(world, folder, draft));
  const std::string file = draft_file(folder.path(), draft.version);
  return cat(
      "Root ", draft.version, " is drafted in ", file, needed.empty() ? "" : cat(" and needs ", needed),
      ".\nPublish it to each catalog, and then sign the catalog's trust policy anew, with\n  holdfast owner publish ",
      file, " --catalog NAME --dir ", folder.path(), "\n  holdfast owner trust-policy set --catalog NAME --dir ",
      folder.path());
}

Result<std::string> draft_role(World& world, const Folder& folder, const RoleChange& change, Duration life) {
  tuf::RootDraft draft = TRY(begun_draft(world, folder));
  tuf::RoleDraft& role = draft.roles[static_cast<std::size_t>(change.role)];
  if (change.replaces) role.keys.clear();
  for (const PublicKey& key : change.keys) add_holder(role, index_of(draft, key));
  role.threshold = change.threshold.value_or(role.threshold);
  draft.expires = world.clock.wall_time() + life;
  const std::string needed = TRY(write_draft(world, folder, draft));
  const std::string file = draft_file(folder.path(), draft.version);
  const std::string drafted = cat("Root ", draft.version, " is drafted in ", file, ": ", words_for(draft), ".");
  const std::string next =
      cat("holdfast owner adopt ", file, " --dir ", folder.path(), ", and holdfast owner publish to each catalog.");
  if (needed.empty()) return cat(drafted, "\nIt has all its signatures: take it with\n  ", next);
  return cat(drafted, "\nIt needs ", needed, ". Have the holders run\n  holdfast owner sign ", file,
             " --dir DIR\nand then\n  ", next);
}

Result<std::int64_t> adopt_root(World& world, const Folder& folder, Bytes document) {
  auto root = tuf::verify_next_root(document, folder.root());
  if (!root && root.error().reason == tuf::kThresholdMissed) {
    return fail(Next::Rejected, kRootUnsigned,
                cat("expected a root with all its signatures; holdfast owner sign adds them: ", root.error().message));
  }
  if (!root) return std::unexpected(std::move(root).error());
  TRY(world.files.create(root_file(folder.path(), (*root)->version), document, Access::Everyone));
  return (*root)->version;
}

}  // namespace holdfast::cli::owner
