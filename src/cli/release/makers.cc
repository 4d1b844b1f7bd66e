#include "cli/release/makers.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/release/releases.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;
namespace update = trust::update;
using owner::Document;

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::size_t kNameBytesMax = 48;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

Result<void> require_role_name(const std::string& role) {
  constexpr std::string_view kTaken[] = {"root", kTopRole, kSnapshotRole, kTimestampRole, "published"};
  if (is_name(role) && std::ranges::find(kTaken, role) == std::end(kTaken)) return {};
  return fail(
      Next::Rejected, kRoleNameWrong,
      cat("expected a name of a-z, 0-9 and hyphens that is none of TUF's roles, saw '", printable(role, 60), "'"));
}

void forget_unused_keys(tuf::Targets& targets) {
  std::erase_if(targets.keys, [&](const tuf::Key& key) {
    return std::ranges::none_of(targets.delegations, [&](const tuf::Delegation& one) {
      return std::ranges::find(one.role.key_ids, key.id) != one.role.key_ids.end();
    });
  });
}

/// A released version says for ever what it said, and a withdrawn one is never back.
Result<void> require_grown(const tuf::Targets& before, const tuf::Targets& now) {
  const auto rewritten = [](std::string_view path, std::string_view what) {
    return fail(Next::Conflict, kReleaseRewritten,
                cat("expected ", printable(path), " as it was released, saw that it ", what));
  };
  for (const auto& [path, target] : before.targets) {
    const auto at = now.targets.find(path);
    if (update::withdrawn_at(path) && at == now.targets.end()) return rewritten(path, "was taken back");
    if (path.ends_with("/image") && at != now.targets.end() && at->second.hashes != target.hashes) {
      return rewritten(path, "has other bytes");
    }
  }
  for (const auto& [path, target] : now.targets) {
    const auto name = update::withdrawn_at(path);
    if (!name || !now.targets.contains(update::image_path(name->component, name->version))) continue;
    return rewritten(path, "is released as well");
  }
  return {};
}

/// The newest document under one of the names that it may have there.
Result<Blob> newest_document(Files& files, const std::string& from, const std::string& role) {
  for (const std::string& name : {role, std::string(kTopRole)}) {
    std::int64_t newest = 0;
    for (const std::string& file : TRY(files.names_in(cat(from, "/metadata")))) {
      newest = std::max(newest, version_in(file, name).value_or(0));
    }
    if (newest > 0) return files.read(metadata_file(from, versioned(newest, name)), tuf::kTargetsBytesMax);
  }
  return fail(Next::NotFound, kUnreleased, cat("expected targets metadata in ", printable(from), ", saw none"));
}

/// Brings contents from one repository to another.
class Transport {
 public:
  Transport(Files& files, const std::string& from, const std::string& to) : files_(files), from_(from), to_(to) {}

  Result<void> bring(const std::string& path, const Digest256& sha256, std::size_t bytes_max) {
    const std::string place = place_of(path, sha256);
    if (TRY(is_there(place))) return {};
    TRY(write_content(files_, to_, path, TRY(read_content(files_, from_, path, sha256, bytes_max))));
    return {};
  }

  Result<void> bring_parts(const update::Image& image, const tuf::Target& target) {
    const std::string path = part_path(image, "manifest");
    const Blob document = TRY(read_content(files_, from_, path, *image.manifest.hashes->sha256,
                                           static_cast<std::size_t>(update::kManifestBytesMax)));
    TRY(write_content(files_, to_, path, document));
    const auto manifest = TRY(update::read_manifest(document, image, target.length));
    for (const update::Delta& one : manifest.deltas) {
      TRY(bring(part_path(image, cat(to_hex(one.from), ".delta")), one.sha256, kImageBytesMax));
    }
    TRY(bring_part(image, kSbomPart, manifest.sbom));
    TRY(bring_part(image, kReferenceValuesPart, manifest.reference_values));
    return bring_part(image, kBuildIdsPart, manifest.build_ids);
  }

 private:
  Result<void> bring_part(const update::Image& image, std::string_view part,
                          const std::optional<update::Attachment>& attachment) {
    return attachment ? bring(part_path(image, part), attachment->sha256, kPartBytesMax) : Result<void>();
  }

  Result<bool> is_there(const std::string& place) {
    const std::string folder = cat(to_, "/targets/", folder_of(place));
    const std::string name = place.substr(place.rfind('/') + 1);
    TRY(files_.make_folder(folder));
    const auto names = TRY(files_.names_in(folder));
    return std::ranges::find(names, name) != names.end();
  }

  Files& files_;
  const std::string& from_;
  const std::string& to_;
};

Result<void> require_acceptable(World& world, const Repository& repository, const Document& document,
                                const tuf::Targets& targets, const std::string& role) {
  if (const std::string needed = missing(document); !needed.empty()) {
    return fail(
        Next::Denied, tuf::kThresholdMissed,
        cat("expected metadata signed by the keys of ", printable(role), ", saw that it needs ", needed, " more"));
  }
  TRY(tuf::require_unexpired(printable(role), document.expires, world.clock.wall_time()));
  const auto listed = tuf::listed_in(repository.published().snapshot, role);
  const std::int64_t before = listed ? listed->version : 0;
  if (document.version <= before) {
    return fail(Next::Conflict, kNothingNewer,
                cat("expected a later version of ", printable(role), " than ", before, ", saw ", document.version));
  }
  const auto known = repository.published().targets.find(role);
  return known == repository.published().targets.end() ? Result<void>() : require_grown(known->second, targets);
}

}  // namespace

Result<void> delegate(Repository& repository, const MakerKeys& maker) {
  TRY(require_role_name(maker.role));
  tuf::Delegation out{.name = maker.role, .role = {{}, maker.threshold}, .terminating = true};
  for (const std::string& component : maker.components) {
    if (!is_name(component)) {
      return fail(Next::Rejected, update::kImageMalformed,
                  cat("expected a component of a-z, 0-9 and hyphens, saw '", printable(component, 60), "'"));
    }
    out.paths.push_back(cat(component, "/*/*"));
  }
  RoleState* top = TRY(repository.edit(std::string(kTopRole)));
  for (const trust::crypto::PublicKey& one : maker.keys) {
    tuf::Key key = TRY(tuf::make_key(one));
    if (std::ranges::find(out.role.key_ids, key.id) != out.role.key_ids.end()) continue;
    out.role.key_ids.push_back(key.id);
    if (std::ranges::find(top->targets.keys, key.id, &tuf::Key::id) == top->targets.keys.end()) {
      top->targets.keys.push_back(std::move(key));
    }
  }
  const auto same = std::ranges::find(top->targets.delegations, maker.role, &tuf::Delegation::name);
  if (same != top->targets.delegations.end()) {
    *same = std::move(out);
  } else {
    top->targets.delegations.push_back(std::move(out));
  }
  forget_unused_keys(top->targets);
  TRY(tuf::make_targets({{1, {}}, {}, top->targets.keys, top->targets.delegations}));
  return {};
}

Result<void> undelegate(Repository& repository, const std::string& role) {
  const auto named = [&](const tuf::Delegation& one) { return one.name == role; };
  if (std::ranges::none_of(repository.top().delegations, named)) {
    return fail(Next::NotFound, tuf::kRoleUndelegated,
                cat("expected a role to which the owner delegates, saw ", printable(role)));
  }
  RoleState* top = TRY(repository.edit(std::string(kTopRole)));
  std::erase_if(top->targets.delegations, named);
  forget_unused_keys(top->targets);
  return repository.reindex();
}

Result<std::size_t> import_role(World& world, const owner::Folder& owner, Repository& repository,
                                const std::string& role, const std::string& from) {
  Files& files = world.files;
  const Blob bytes = TRY(newest_document(files, from, role));
  const Document document =
      TRY(owner::document_of_delegated(TRY(tuf::parse_envelope(bytes, tuf::kTargetsBytesMax)), repository.top(), role));
  const tuf::Targets targets = TRY(tuf::read_targets(document.envelope));
  TRY(require_acceptable(world, repository, document, targets, role));
  Transport transport(files, from, repository.path());
  std::size_t versions = 0;
  for (const auto& [path, target] : targets.targets) {
    if (!repository.require_covered(role, path)) continue;
    TRY(tuf::require_known_hash(path, target.hashes));
    if (!target.hashes.sha256) continue;
    TRY(transport.bring(path, *target.hashes.sha256, kImageBytesMax));
    if (!path.ends_with("/image") || target.custom.is_null()) continue;
    const update::Image image = TRY(update::image_from(target.custom));
    TRY(update::require_place(image, path));
    TRY(transport.bring_parts(image, target));
    ++versions;
  }
  TRY(files.write(draft_file(owner, role), bytes, Access::Everyone));
  return versions;
}

}  // namespace holdfast::cli::release
