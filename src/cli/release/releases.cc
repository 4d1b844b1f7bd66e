#include "cli/release/releases.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/owner/signers.h"
#include "cli/release/json_lines.h"
#include "delta/make/delta.h"
#include "ports/network/network_settings.h"
#include "trust/crypto/hash.h"
#include "trust/update/configuration.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;
using trust::update::Attachment;
using trust::update::Delta;
using trust::update::Image;
using trust::update::Manifest;

std::unexpected<Error> released(const Image& image, std::string_view what) {
  return fail(
      Next::Conflict, kVersionReleased,
      cat("expected a new version of ", image.component, ", saw ", image.version, ", which was released with ", what));
}

Result<void> require_unreleased(const Repository& repository, const std::string& path, const Release& release) {
  const Image& image = release.image;
  if (repository.withdrawn().contains(trust::update::withdrawal_path(image.component, image.version))) {
    return fail(Next::Conflict, kVersionWithdrawn,
                cat("expected a new version of ", image.component, ", saw ", image.version, ", which was withdrawn"));
  }
  const auto known = repository.images().find(path);
  if (known == repository.images().end()) return {};
  Image same = image;
  same.manifest = known->second.image.manifest;
  const bool is_same =
      same == known->second.image && known->second.target.hashes.sha256 == trust::crypto::sha256(release.content);
  return is_same ? Result<void>() : released(image, "other bytes or another description");
}

/// A version that is there keeps the word that it has.
Result<void> put_floor_word(const Repository& repository, const std::string& path, Release& release) {
  Image& image = release.image;
  const auto known = repository.images().find(path);
  if (known != repository.images().end()) {
    image.floor = known->second.image.floor;
  } else if (release.floor_authority) {
    ports::Signer& authority = *release.floor_authority;
    const auto key = TRY(owner::public_key_of(authority));
    const auto parts = TRY(trust::update::floor_word_parts(key, image.component, image.security_version));
    Blob lay = TRY(authority.sign(parts.lay));
    Blob raise = TRY(authority.sign(parts.raise));
    image.floor = {key.spki(), std::move(lay), std::move(raise)};
  }
  return {};
}

/// Settings of `network` are the system's own.
Result<void> require_network(const trust::update::Configuration& read) {
  if (read.application != ports::kNetworkApplication) return {};
  TRY(ports::parse_network(read.settings));
  for (const auto& [device, different] : read.devices) {
    if (const auto own = ports::parse_network(settings_on(read, device)); !own) return fail_within(device, own.error());
  }
  return {};
}

/// What a device would refuse is not released.
Result<void> require_readable(const Release& release) {
  if (release.image.kind != trust::update::ImageKind::Configuration) return {};
  std::vector<std::string> at;
  const auto read = trust::update::parse_configuration(release.image.component, release.content, &at);
  if (read) return require_network(*read);
  const std::size_t line = line_of(as_text(release.content), at);
  return line > 0 ? fail_within(cat("line ", line), read.error()) : std::unexpected(read.error());
}

/// One release on its way into a repository.
class Addition {
 public:
  Addition(Files& files, const Repository& repository, Release release)
      : files_(files), repository_(repository), release_(std::move(release)) {}

  Result<Manifest> make_manifest() {
    const auto known =
        repository_.images().find(trust::update::image_path(release_.image.component, release_.image.version));
    Manifest out;
    if (known != repository_.images().end()) out = TRY(repository_.manifest_of(files_, known->second));
    out.segments = trust::update::segments_of(release_.content);
    for (const std::string& version : release_.deltas_from) TRY(add_delta(version, out));
    TRY(attach(kSbomPart, release_.sbom, out.sbom));
    TRY(attach(kReferenceValuesPart, release_.reference_values, out.reference_values));
    TRY(attach(kBuildIdsPart, release_.build_ids, out.build_ids));
    return out;
  }

  Result<void> write(tuf::Targets& targets, const Manifest& manifest) {
    const Blob document = TRY(trust::update::make_manifest(manifest));
    Image& image = release_.image;
    image.manifest = meta_of(0, document);
    json::Value custom = TRY(trust::update::to_json(image));
    const std::string path = trust::update::image_path(image.component, image.version);
    const std::string manifest_path = part_path(image, "manifest");
    tuf::Target target = TRY(write_content(files_, repository_.path(), path, release_.content));
    target.custom = std::move(custom);
    targets.targets.insert_or_assign(manifest_path,
                                     TRY(write_content(files_, repository_.path(), manifest_path, document)));
    targets.targets.insert_or_assign(path, std::move(target));
    return {};
  }

 private:
  /// Replaces the one from the same bytes.
  Result<void> add_delta(const std::string& version, Manifest& manifest) {
    const std::string from_path = trust::update::image_path(release_.image.component, version);
    const Blob from = TRY(repository_.read(files_, from_path, kImageBytesMax));
    const Digest256 from_sha256 = trust::crypto::sha256(from);
    std::erase_if(manifest.deltas, [&](const Delta& one) { return one.from == from_sha256; });
    const Blob bytes = TRY(delta::make::make_delta(from, release_.content));
    if (bytes.size() >= release_.content.size()) return {};
    const auto written = TRY(write_content(files_, repository_.path(),
                                           part_path(release_.image, cat(to_hex(from_sha256), ".delta")), bytes));
    manifest.deltas.push_back({from_sha256, written.length, *written.hashes.sha256});
    return {};
  }

  /// What was said once is never replaced.
  Result<void> attach(std::string_view part, const std::optional<Blob>& bytes, std::optional<Attachment>& attachment) {
    if (!bytes) return {};
    if (bytes->size() > kPartBytesMax) {
      return fail(Next::Exhausted, trust::update::kManifestMalformed,
                  cat("expected ", part, " of at most ", kPartBytesMax, " bytes, saw ", bytes->size()));
    }
    const Digest256 sha256 = trust::crypto::sha256(*bytes);
    if (attachment && attachment->sha256 != sha256) return released(release_.image, cat("other ", part));
    const auto written = TRY(write_content(files_, repository_.path(), part_path(release_.image, part), *bytes));
    attachment = Attachment{written.length, sha256};
    return {};
  }

  Files& files_;
  const Repository& repository_;
  Release release_;
};

}  // namespace

std::string part_path(const Image& image, std::string_view part) {
  return cat(image.component, "/", image.version, "/", part);
}

Result<Manifest> add(Files& files, Repository& repository, const std::string& role, Release release) {
  const std::string path = trust::update::image_path(release.image.component, release.image.version);
  TRY(repository.require_covered(role, path));
  TRY(put_floor_word(repository, path, release));
  if (release.verity_from) {
    const Digest256 salt = trust::update::verity_salt(release.image.component, release.image.version);
    release.image.verity = TRY(trust::update::make_verity(release.content, *release.verity_from, salt)).verity;
  }
  TRY(require_unreleased(repository, path, release));
  TRY(require_readable(release));
  Addition addition(files, repository, std::move(release));
  Manifest manifest = TRY(addition.make_manifest());
  RoleState* state = TRY(repository.edit(role));
  TRY(addition.write(state->targets, manifest));
  TRY(repository.reindex());
  return manifest;
}

Result<void> withdraw(Files& files, Repository& repository, const std::string& role,
                      trust::update::Withdrawal withdrawal) {
  const std::string path = trust::update::withdrawal_path(withdrawal.component, withdrawal.version);
  const std::string image_path = trust::update::image_path(withdrawal.component, withdrawal.version);
  TRY(repository.require_covered(role, path));
  if (repository.withdrawn().contains(path)) {
    return fail(Next::Conflict, kVersionWithdrawn,
                cat(withdrawal.component, " ", withdrawal.version, " was withdrawn before"));
  }
  const auto known = repository.images().find(image_path);
  if (known == repository.images().end()) {
    return fail(Next::NotFound, kUnreleased,
                cat("expected a version that is in the repository, saw ", printable(withdrawal.component), " ",
                    printable(withdrawal.version)));
  }
  withdrawal.length = known->second.target.length;
  withdrawal.sha256 = *known->second.target.hashes.sha256;
  json::Value custom = TRY(trust::update::to_json(withdrawal));
  tuf::Target target = TRY(write_content(files, repository.path(), path, as_bytes(json::dump(custom) + "\n")));
  target.custom = std::move(custom);
  RoleState* state = TRY(repository.edit(role));
  state->targets.targets.erase(image_path);
  state->targets.targets.erase(cat(folder_of(path), "/manifest"));
  state->targets.targets.insert_or_assign(path, std::move(target));
  return repository.reindex();
}

}  // namespace holdfast::cli::release
