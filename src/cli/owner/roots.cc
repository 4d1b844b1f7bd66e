#include "cli/owner/roots.h"

#include <algorithm>

#include "base/text.h"
#include "cli/owner/document.h"

namespace holdfast::cli::owner {
namespace {

namespace tuf = trust::tuf;
using trust::crypto::PrivateKey;
using trust::crypto::PublicKey;

/// Refuses a name that is no key of this root, so that a slip of the pen drops nothing in silence.
Result<std::vector<PublicKey>> keys_kept(const tuf::Root& root, const std::vector<tuf::KeyId>& dropped) {
  for (const tuf::KeyId& id : dropped) {
    if (std::ranges::find(root.keys, id, &tuf::Key::id) != root.keys.end()) continue;
    return fail(Next::NotFound, kKeyNotInRoot,
                cat("expected the id of a key of root ", root.version, ", saw ", printable(id, 80)));
  }
  std::vector<PublicKey> out;
  for (const tuf::Key& key : root.keys) {
    if (!key.key || std::ranges::find(dropped, key.id) != dropped.end()) continue;
    out.push_back(*key.key);
  }
  return out;
}

Result<PrivateKey> add_key(World& world, const std::string& folder, std::size_t number) {
  PrivateKey key = new_key(world.random);
  TRY(write_key(world.files, root_key_file(folder, number), key));
  return key;
}

/// Behind every key that is here.
Result<std::size_t> next_number(World& world, const std::string& folder) {
  const auto names = TRY(world.files.names_in(folder));
  std::size_t next = 1;
  for (std::size_t number = 1; number <= tuf::kKeysMax; ++number) {
    const std::string file = root_key_file(folder, number);
    if (std::ranges::any_of(names, [&](const auto& name) { return cat(folder, "/", name) == file; })) next = number + 1;
  }
  return next;
}

}  // namespace

Result<Folder> make_owner(World& world, const std::string& path, std::size_t keys, std::int64_t threshold,
                          Duration life) {
  TRY(world.files.make_private_folder(path));
  std::vector<PrivateKey> made;
  std::vector<PublicKey> holders;
  for (std::size_t number = 1; number <= keys; ++number) {
    made.push_back(TRY(add_key(world, path, number)));
    holders.push_back(made.back().public_key());
  }
  const auto draft = tuf::first_root(std::move(holders), threshold, world.clock.wall_time() + life);
  Document document = TRY(document_of(TRY(tuf::make_root(draft)), nullptr));
  TRY(sign(document, made));
  TRY(world.files.create(root_file(path, 1), tuf::dump_envelope(document.envelope), Access::Everyone));
  return Folder::open(world.files, path);
}

Result<std::string> draft_next_root(World& world, const Folder& folder, const RootChange& change) {
  const tuf::Root& root = *folder.root();
  std::vector<PublicKey> holders = TRY(keys_kept(root, change.keys_dropped));
  std::vector<PrivateKey> at_hand = TRY(keys_in(world.files, folder.path()));
  std::size_t number = TRY(next_number(world, folder.path()));
  for (std::size_t i = 0; i < change.keys_added; ++i, ++number) {
    at_hand.push_back(TRY(add_key(world, folder.path(), number)));
    holders.push_back(at_hand.back().public_key());
  }
  const std::int64_t threshold = change.threshold.value_or(root.role(tuf::RoleName::Root).threshold);
  auto draft = tuf::first_root(std::move(holders), threshold, world.clock.wall_time() + change.life);
  draft.version = root.version + 1;
  Document document = TRY(document_of(TRY(tuf::make_root(draft)), &root));
  TRY(sign(document, at_hand));
  const std::string file = cat(folder.path(), "/", draft.version, ".root.draft.json");
  TRY(world.files.write(file, tuf::dump_envelope(document.envelope), Access::Everyone));
  const std::string needed = missing(document);
  return cat(
      "Root ", draft.version, " is drafted in ", file, needed.empty() ? "" : cat(" and needs ", needed),
      ".\nPublish it to each catalog, and then sign the catalog's trust policy anew, with\n  holdfast owner publish ",
      file, " --catalog NAME --dir ", folder.path(), "\n  holdfast owner trust-policy set --catalog NAME --dir ",
      folder.path());
}

}  // namespace holdfast::cli::owner
