#include "cli/release/repository.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "delta/make/delta.h"
#include "trust/crypto/hash.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;
using trust::crypto::PrivateKey;
using trust::update::Delta;
using trust::update::Image;
using trust::update::Manifest;

constexpr std::string_view kTimestamp = "timestamp.json";
constexpr std::string_view kSnapshot = "snapshot.json";
constexpr std::string_view kTargets = "targets.json";

std::string versioned(std::int64_t version, std::string_view name) { return cat(version, ".", name); }

tuf::MetaFile meta_of(std::int64_t version, Bytes document) {
  return {version, static_cast<std::int64_t>(document.size()), tuf::Hashes{trust::crypto::sha256(document), {}}};
}

std::string folder_of(std::string_view path) { return std::string(path.substr(0, path.rfind('/'))); }

/// `a/b` lies at `a/<SHA-256>.b` (TUF 1.0 §6.2).
std::string place_of(std::string_view path, const Digest256& sha256) {
  return cat(folder_of(path), "/", to_hex(sha256), ".", path.substr(path.rfind('/') + 1));
}

/// Signed by all keys at hand that hold the role.
Result<Blob> signed_by(tuf::Envelope envelope, const std::vector<PrivateKey>& keys, const tuf::Root& root,
                       tuf::RoleName name) {
  const tuf::Role& role = root.role(name);
  TRY(owner::sign_with(envelope, keys, role.key_ids));
  const auto seen = static_cast<std::int64_t>(tuf::signers(envelope, root.keys, role).size());
  if (seen >= role.threshold) return tuf::dump_envelope(envelope);
  return fail(
      Next::Denied, kRepositoryUnsigned,
      cat("expected ", role.threshold, " keys of the ", tuf::name_of(name), " role in the owner's folder, saw ", seen));
}

}  // namespace

std::string Repository::metadata(std::string_view name) const { return cat(path_, "/metadata/", name); }

Result<void> Repository::make(World& world, const owner::Folder& owner, const std::string& path, Duration life) {
  Repository out(path);
  const auto there = world.files.read(out.metadata(kTimestamp), tuf::kTimestampBytesMax);
  if (there || there.error().next != Next::NotFound) {
    return fail(Next::Conflict, kRepositoryThere, cat("there is a repository in ", printable(path)));
  }
  return out.publish(world, owner, life);
}

Result<Repository> Repository::open(Files& files, const owner::Folder& owner, std::string path) {
  Repository out(std::move(path));
  const auto read = [&](const std::string& name, std::size_t bytes_max) {
    return files.read(out.metadata(name), bytes_max);
  };
  const Blob timestamp_file = TRY(read(std::string(kTimestamp), tuf::kTimestampBytesMax));
  const auto timestamp = TRY(tuf::verify_timestamp(timestamp_file, owner.root(), {}));
  const Blob snapshot_file = TRY(read(versioned(timestamp->snapshot.version, kSnapshot), tuf::kSnapshotBytesMax));
  const auto snapshot = TRY(tuf::verify_snapshot(snapshot_file, owner.root(), timestamp, {}));
  const auto listed = TRY(tuf::listed_in(*snapshot, "targets"));
  const Blob targets_file = TRY(read(versioned(listed.version, kTargets), tuf::kTargetsBytesMax));
  const auto targets = TRY(tuf::verify_targets(targets_file, owner.root(), snapshot));
  out.targets_ = *targets;
  out.snapshot_version_ = snapshot->header.version;
  out.timestamp_version_ = timestamp->header.version;
  out.expires_ = std::min({timestamp->header.expires, snapshot->header.expires, targets->header.expires});
  TRY(out.note_images());
  return out;
}

Result<void> Repository::note_images() {
  for (const auto& [path, target] : targets_.targets) {
    if (target.custom.is_null()) continue;
    auto image = trust::update::image_from(target.custom);
    if (!image) return fail_within(printable(path), std::move(image).error());
    images_.emplace(path, *std::move(image));
  }
  return {};
}

Result<tuf::Target> Repository::write_target(Files& files, const std::string& path, Bytes content) const {
  tuf::Target out;
  out.length = static_cast<std::int64_t>(content.size());
  out.hashes.sha256 = trust::crypto::sha256(content);
  const std::string targets = cat(path_, "/targets/");
  TRY(files.make_folder(cat(targets, folder_of(path))));
  TRY(files.write(cat(targets, place_of(path, *out.hashes.sha256)), content, Access::Everyone));
  return out;
}

/// A release says for ever what it said; its manifest alone may list more deltas.
Result<void> Repository::require_unreleased(const std::string& path, const Image& image, Bytes content) const {
  const auto known = images_.find(path);
  if (known == images_.end()) return {};
  Image same = image;
  same.manifest = known->second.manifest;
  if (same == known->second && targets_.targets.at(path).hashes.sha256 == trust::crypto::sha256(content)) return {};
  return fail(Next::Conflict, kVersionReleased,
              cat("expected a new version of ", image.component, ", saw ", image.version,
                  ", which was released with other bytes or another description"));
}

Result<Blob> Repository::read_target(Files& files, const std::string& path, std::size_t bytes_max) const {
  const auto target = targets_.targets.find(path);
  if (target == targets_.targets.end()) {
    return fail(Next::NotFound, kUnreleased, cat("expected ", printable(path), " in the repository, saw none"));
  }
  const std::string place = place_of(path, *target->second.hashes.sha256);
  Blob out = TRY(files.read(cat(path_, "/targets/", place), bytes_max));
  TRY(tuf::require_hashes(path, target->second.hashes, out));
  return out;
}

Result<Manifest> Repository::manifest_of(Files& files, const std::string& path) const {
  const auto image = images_.find(path);
  if (image == images_.end()) return Manifest{};
  const Blob document = TRY(read_target(files, cat(folder_of(path), "/manifest"), trust::update::kManifestBytesMax));
  return trust::update::read_manifest(document, image->second, length_of(path));
}

Result<void> Repository::add_delta(Files& files, const std::string& folder, Bytes from, Bytes content,
                                   Manifest& manifest) const {
  const Digest256 from_sha256 = trust::crypto::sha256(from);
  std::erase_if(manifest.deltas, [&](const Delta& one) { return one.from == from_sha256; });
  const Blob bytes = TRY(delta::make::make_delta(from, content));
  if (bytes.size() >= content.size()) return {};
  const auto written = TRY(write_target(files, cat(folder, "/", to_hex(from_sha256), ".delta"), bytes));
  manifest.deltas.push_back({from_sha256, written.length, *written.hashes.sha256});
  return {};
}

Result<std::vector<Delta>> Repository::add(Files& files, Image image, Bytes content,
                                           const std::vector<std::string>& deltas_from) {
  const std::string folder = cat(image.component, "/", image.version);
  const std::string path = cat(folder, "/image");
  TRY(require_unreleased(path, image, content));
  Manifest manifest = TRY(manifest_of(files, path));
  manifest.segments = trust::update::segments_of(content);
  for (const std::string& version : deltas_from) {
    const Blob from = TRY(read_target(files, cat(image.component, "/", version, "/image"), kImageBytesMax));
    TRY(add_delta(files, folder, from, content, manifest));
  }
  const Blob document = TRY(trust::update::make_manifest(manifest));
  image.manifest = meta_of(0, document);
  json::Value custom = TRY(trust::update::to_json(image));
  tuf::Target target = TRY(write_target(files, path, content));
  target.custom = std::move(custom);
  const std::string manifest_path = cat(folder, "/manifest");
  targets_.targets.insert_or_assign(manifest_path, TRY(write_target(files, manifest_path, document)));
  targets_.targets.insert_or_assign(path, std::move(target));
  images_.insert_or_assign(path, std::move(image));
  return manifest.deltas;
}

Result<void> Repository::publish(World& world, const owner::Folder& owner, Duration life) {
  const tuf::Root& root = *owner.root();
  const auto keys = TRY(owner::keys_in(world.files, owner.path()));
  const WallTime expires = world.clock.wall_time() + life;
  TRY(world.files.make_folder(cat(path_, "/metadata")));
  const auto write = [&](const std::string& name, Bytes document) {
    return world.files.write(metadata(name), document, Access::Everyone);
  };

  targets_.header = {targets_.header.version + 1, expires};
  const Blob targets = TRY(signed_by(TRY(tuf::make_targets(targets_)), keys, root, tuf::RoleName::Targets));
  const tuf::Snapshot listing{{++snapshot_version_, expires},
                              {{std::string(kTargets), meta_of(targets_.header.version, targets)}}};
  const Blob snapshot = TRY(signed_by(TRY(tuf::make_snapshot(listing)), keys, root, tuf::RoleName::Snapshot));
  const tuf::Timestamp newest{{++timestamp_version_, expires}, meta_of(snapshot_version_, snapshot)};
  const Blob timestamp = TRY(signed_by(TRY(tuf::make_timestamp(newest)), keys, root, tuf::RoleName::Timestamp));

  for (std::size_t i = 0; i < owner.roots().size(); ++i) {
    TRY(write(versioned(static_cast<std::int64_t>(i) + 1, "root.json"), owner.roots()[i]));
  }
  TRY(write(versioned(targets_.header.version, kTargets), targets));
  TRY(write(versioned(snapshot_version_, kSnapshot), snapshot));
  TRY(write(std::string(kTimestamp), timestamp));
  expires_ = expires;
  return {};
}

}  // namespace holdfast::cli::release
