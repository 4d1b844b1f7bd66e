#include "sim/service/scripted_releases.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/update/manifest.h"
#include "trust/update/time_statement.h"
#include "trust/update/withdrawal.h"

namespace holdfast::sim::service {
namespace {

namespace crypto = trust::crypto;
namespace tuf = trust::tuf;
namespace update = trust::update;

template <class T>
T sure(Result<T> result) {
  CHECK_INVARIANT(result.has_value());
  return *std::move(result);
}

tuf::MetaFile meta_of(std::int64_t version, Bytes document) {
  return {version, std::ssize(document), tuf::Hashes{crypto::sha256(document), {}}};
}

/// The part that was asked for, as a service hands it out (RFC 9110 §14).
ports::NetAnswer part_of(const Blob& file, const std::optional<ports::ByteRange>& range) {
  if (!range) return {.status = 200, .body = file, .retry_after = {}};
  if (range->offset >= std::ssize(file)) return {.status = 416, .body = {}, .retry_after = {}};
  const auto begin = file.begin() + range->offset;
  const auto size = std::min<std::ptrdiff_t>(file.end() - begin, static_cast<std::ptrdiff_t>(range->bytes));
  return {.status = 206, .body = Blob(begin, begin + size), .retry_after = {}};
}

}  // namespace

ScriptedReleases::ScriptedReleases(std::string catalog, crypto::PrivateKey owner, crypto::PrivateKey director,
                                   ports::Clock& clock)
    : catalog_(std::move(catalog)),
      owner_(std::move(owner)),
      director_(std::move(director)),
      director_key_(sure(tuf::make_key(director_.public_key()))),
      clock_(clock) {
  publish();
}

Blob ScriptedReleases::signed_by(const crypto::PrivateKey& key, tuf::Envelope envelope) const {
  const Blob signature = sure(key.sign(crypto::HashAlgorithm::Sha256, envelope.to_be_signed));
  CHECK_INVARIANT(tuf::add_signature(envelope, sure(tuf::make_key(key.public_key())), signature).has_value());
  return tuf::dump_envelope(envelope);
}

std::int64_t ScriptedReleases::place(const std::string& path, Bytes content) {
  const std::size_t name = path.rfind('/') + 1;
  const std::string digest = to_hex(crypto::sha256(content));
  files_[cat("targets/", path.substr(0, name), digest, ".", path.substr(name))] = to_blob(content);
  files_[cat("targets/", path)] = to_blob(content);
  return std::ssize(content);
}

std::string ScriptedReleases::release(update::Image image, Bytes content, const std::vector<Delta>& deltas) {
  const std::string folder = cat(image.component, "/", image.version);
  update::Manifest manifest{.segments = update::segments_of(content)};
  for (const Delta& one : deltas) {
    const Digest256 from = crypto::sha256(one.from);
    const std::int64_t length = place(cat(folder, "/", to_hex(from), ".delta"), one.bytes);
    manifest.deltas.push_back({from, length, crypto::sha256(one.bytes)});
  }
  const Blob document = sure(update::make_manifest(manifest));
  place(cat(folder, "/manifest"), document);
  image.manifest = meta_of(0, document);
  tuf::Target target;
  target.length = place(cat(folder, "/image"), content);
  target.hashes.sha256 = crypto::sha256(content);
  target.custom = sure(update::to_json(image));
  targets_[cat(folder, "/image")] = std::move(target);
  publish();
  return cat(folder, "/image");
}

void ScriptedReleases::withdraw(const std::string& component, const std::string& version) {
  const tuf::Target& image = targets_.at(cat(component, "/", version, "/image"));
  const update::Withdrawal said{component, version, image.length, *image.hashes.sha256, clock_.wall_time(), "a test"};
  tuf::Target target;
  target.custom = sure(update::to_json(said));
  const Blob content = to_blob(as_bytes(json::dump(target.custom)));
  target.length = std::ssize(content);
  target.hashes.sha256 = trust::crypto::sha256(content);
  targets_[update::withdrawal_path(component, version)] = std::move(target);
  publish();
}

void ScriptedReleases::publish() {
  const WallTime expires = clock_.wall_time() + life;
  ++version_;
  tuf::Targets targets;
  targets.header = {version_, expires};
  targets.targets = targets_;
  const Blob listed = signed_by(owner_, sure(tuf::make_targets(targets)));
  const Blob snapshot =
      signed_by(owner_, sure(tuf::make_snapshot({{version_, expires}, {{"targets.json", meta_of(version_, listed)}}})));
  const Blob timestamp =
      signed_by(owner_, sure(tuf::make_timestamp({{version_, expires}, meta_of(version_, snapshot)})));
  for (const std::string& prefix : {std::string("metadata/"), cat("metadata/", version_, ".")}) {
    files_[cat(prefix, "targets.json")] = listed;
    files_[cat(prefix, "snapshot.json")] = snapshot;
  }
  files_["metadata/timestamp.json"] = timestamp;
}

void ScriptedReleases::set_director(crypto::PrivateKey key) {
  director_ = std::move(key);
  director_key_ = sure(tuf::make_key(director_.public_key()));
}

void ScriptedReleases::direct(const std::string& device, const std::vector<std::string>& paths) {
  tuf::DirectorTargets& out = directed_[device];
  const bool is_first = out.device.empty();
  out.catalog = catalog_;
  out.device = device;
  out.version = is_first ? 1 : out.version + 1;
  out.expires = clock_.wall_time() + life;
  out.images.clear();
  for (const std::string& path : paths) {
    const tuf::Target& target = targets_.find(path)->second;
    out.images[path] = {target.length, *target.hashes.sha256};
  }
}

std::int64_t ScriptedReleases::director_version(const std::string& device) const {
  const auto found = directed_.find(device);
  return found == directed_.end() ? 0 : found->second.version;
}

Blob ScriptedReleases::time_for(const std::string& device, const ByteArray<16>& nonce, WallTime time) const {
  return signed_by(director_, sure(update::make_time_statement({catalog_, device, nonce, time})));
}

ports::NetAnswer ScriptedReleases::answer(const ports::NetRequest& request, const std::string& device) const {
  ports::NetAnswer none{.status = 404, .body = {}, .retry_after = {}};
  std::string path = "director";
  Blob file;
  if (request.path == "/v1/director") {
    const auto found = directed_.find(device);
    if (found == directed_.end()) return none;
    file = signed_by(director_, sure(tuf::make_director_targets(found->second)));
  } else {
    path = request.path.substr(std::min(request.path.size(), cat("/v1/images/", catalog_, "/").size()));
    const auto found = files_.find(path);
    if (found == files_.end()) return none;
    file = found->second;
  }
  if (before_answer) before_answer(path, file);
  ports::NetAnswer out = part_of(file, request.range);
  if (path.starts_with("targets/")) sent_bytes_ += std::ssize(out.body);
  return out;
}

}  // namespace holdfast::sim::service
