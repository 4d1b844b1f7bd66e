#include "programs/simulation/release_desk.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/update/withdrawal.h"

namespace holdfast::programs::simulation {
namespace {

namespace tuf = trust::tuf;
using tuf::RoleName;

const service::Caller kEngineer = service::OperatorCaller{"ada", "", service::Scope::Own};

tuf::MetaFile meta_of(std::int64_t version, Bytes document) {
  return {version, static_cast<std::int64_t>(document.size()), tuf::Hashes{trust::crypto::sha256(document), {}}};
}

}  // namespace

Result<std::string> ReleaseDesk::add(const NewImage& image) {
  const std::string folder = cat(image.component, "/", image.version);
  trust::update::Manifest listing{.segments = trust::update::segments_of(image.content)};
  for (const NewImage::Delta& one : image.deltas) {
    const Digest256 digest = trust::crypto::sha256(one.bytes);
    listing.deltas.push_back({one.from, static_cast<std::int64_t>(one.bytes.size()), digest});
    const std::string at = cat(folder, "/", to_hex(one.from), ".delta");
    if (one.is_sent) files_.emplace_back(TRY(service::images::file_of(catalog_, at, digest)), one.bytes);
  }
  if (image.reference_values) {
    const Digest256 sha256 = trust::crypto::sha256(*image.reference_values);
    listing.reference_values = {static_cast<std::int64_t>(image.reference_values->size()), sha256};
    files_.emplace_back(TRY(service::images::file_of(catalog_, cat(folder, "/reference-values"), sha256)),
                        *image.reference_values);
  }
  const Blob manifest = TRY(trust::update::make_manifest(listing));
  trust::update::Image said{image.kind,    image.product,          {"board-a"}, image.component,
                            image.version, image.security_version, image.needs, meta_of(0, manifest)};
  std::string path = cat(folder, "/image");
  for (const auto& [at, bytes] : {std::pair(path, &image.content), std::pair(cat(folder, "/manifest"), &manifest)}) {
    tuf::Target target;
    target.length = static_cast<std::int64_t>(bytes->size());
    target.hashes.sha256 = trust::crypto::sha256(*bytes);
    if (at == path) target.custom = TRY(trust::update::to_json(said));
    files_.emplace_back(TRY(service::images::file_of(catalog_, at, *target.hashes.sha256)), *bytes);
    targets_.targets.insert_or_assign(at, std::move(target));
  }
  return path;
}

Result<void> ReleaseDesk::withdraw(const std::string& component, const std::string& version, WallTime now) {
  const auto image = targets_.targets.extract(cat(component, "/", version, "/image"));
  targets_.targets.erase(cat(component, "/", version, "/manifest"));
  const trust::update::Withdrawal said{component, version, image.mapped().length, *image.mapped().hashes.sha256,
                                       now,       "a test"};
  tuf::Target target;
  target.custom = TRY(trust::update::to_json(said));
  const Blob content = to_blob(as_bytes(json::dump(target.custom)));
  target.length = static_cast<std::int64_t>(content.size());
  target.hashes.sha256 = trust::crypto::sha256(content);
  targets_.targets.insert_or_assign(trust::update::withdrawal_path(component, version), std::move(target));
  return {};
}

Result<ReleaseDesk::Documents> ReleaseDesk::sign(WallTime now, Duration life) {
  Documents out;
  ++version_;
  targets_.header = {version_, now + life};
  const Blob targets = TRY(owner_.sign(RoleName::Targets, tuf::make_targets(targets_)));
  const tuf::Snapshot listing{{version_, now + life}, {{"targets.json", meta_of(version_, targets)}}};
  const Blob snapshot = TRY(owner_.sign(RoleName::Snapshot, tuf::make_snapshot(listing)));
  snapshot_ = meta_of(version_, snapshot);
  out.timestamp = TRY(sign_timestamp(now + std::min(life, timestamp_life_)));
  out.files = {{cat(version_, ".targets.json"), targets}, {cat(version_, ".snapshot.json"), snapshot}};
  return out;
}

Result<Blob> ReleaseDesk::sign_timestamp(WallTime expires) {
  return owner_.sign(RoleName::Timestamp, tuf::make_timestamp({{++timestamp_version_, expires}, snapshot_}));
}

Result<void> ReleaseDesk::send_files(service::Deps& deps) const {
  for (const auto& [name, bytes] : files_) {
    if (TRY(deps.images.length(name))) continue;
    TRY(deps.images.append(name, 0, bytes));
    TRY(deps.images.finish(name));
  }
  return {};
}

Result<void> ReleaseDesk::publish(service::Deps& deps, WallTime now) {
  const Documents documents = TRY(sign(now));
  TRY(send_files(deps));
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    for (const auto& [file, bytes] : documents.files) {
      TRY(service::images::store_document(tx, catalog_, file, bytes, now));
    }
    TRY(service::images::publish(tx, deps.images, catalog_, documents.timestamp, kEngineer, now));
    return {};
  });
}

Result<std::int64_t> ReleaseDesk::deploy(service::Deps& deps, std::vector<std::string> images,
                                         std::vector<service::rollout::Wave> waves, WallTime now) const {
  namespace rollout = service::rollout;
  rollout::DeploymentOrder order{catalog_, std::string(kProduct), std::string(kGroup), std::move(images),
                                 std::move(waves)};
  std::int64_t number = 0;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    order.reach = TRY(rollout::reach_of(tx, order));
    order.reference_sets = TRY(rollout::reference_values_of(tx, deps.images, order));
    number = TRY(rollout::deploy(tx, order, kEngineer, now)).number;
    return {};
  }));
  return number;
}

Result<void> ReleaseDesk::renew_timestamp(service::Deps& deps, WallTime now) {
  const Blob timestamp = TRY(sign_timestamp(now + timestamp_life_));
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(service::images::publish(tx, deps.images, catalog_, timestamp, kEngineer, now));
    return {};
  });
}

}  // namespace holdfast::programs::simulation
