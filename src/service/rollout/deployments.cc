#include "service/rollout/deployments.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/device.h"
#include "service/appraise/deployed.h"
#include "service/appraise/references.h"
#include "service/audit/audit.h"
#include "service/numbers.h"

namespace holdfast::service::rollout {
namespace {

using images::Released;
using ports::DeploymentRow;
using ports::DeploymentState;
using ports::Table;
using trust::appraisal::ReferenceSet;
using trust::tuf::DirectedImage;

constexpr std::size_t kRowsAtOnce = 200;

Result<json::Value> parsed(const std::string& text) { return json::parse(as_bytes(text)); }

std::string text_of(const Images& images) {
  json::Object out;
  for (const auto& [path, image] : images) {
    out.emplace_back(path, json::Object{{"length", image.length}, {"sha256", to_hex(image.sha256)}});
  }
  return json::dump(out);
}

/// The order's images as they were released.
Result<std::vector<Released>> released_of(ports::Transaction& tx, const DeploymentOrder& order) {
  const auto released = TRY(images::released_images(tx, order.catalog));
  std::vector<Released> out;
  for (const std::string& path : order.images) {
    const auto at = released.find(path);
    if (at == released.end()) {
      return fail(Next::NotFound, images::kImageUnknown,
                  cat("expected a released image, saw ", printable(path), "; see holdfast release list"));
    }
    out.push_back(at->second);
  }
  return out;
}

Result<void> require_product(const Released& released, const DeploymentOrder& order) {
  if (released.image.product == order.product) return {};
  return fail(Next::Rejected, kImageUnfit,
              cat("expected images for ", order.product, ", saw ", printable(released.path), " for ",
                  printable(released.image.product)));
}

/// The security version that each component comes to have; a component twice is an error.
Result<std::map<std::string, std::int64_t, std::less<>>> components_of(const std::vector<Released>& set) {
  std::map<std::string, std::int64_t, std::less<>> out;
  for (const Released& one : set) {
    if (out.emplace(one.image.component, one.image.security_version).second) continue;
    return fail(Next::Rejected, kImagesTwice,
                cat("expected one image of each component, saw two of ", printable(one.image.component)));
  }
  return out;
}

/// A need for a component that is not in the set is the device's to check: it may run it already.
Result<void> require_needs(const std::vector<Released>& set) {
  const auto components = TRY(components_of(set));
  for (const Released& one : set) {
    for (const trust::update::Need& need : one.image.needs) {
      const auto beside = components.find(need.component);
      if (beside == components.end()) continue;
      if (need.is_met_by(beside->second)) continue;
      return fail(Next::Rejected, kImageUnfit,
                  cat("expected ", printable(one.path), " beside ", printable(need.component), " from ", need.from,
                      need.to ? cat(" to ", *need.to) : "", " on, saw ", beside->second));
    }
  }
  return {};
}

Result<std::int64_t> number_for(ports::Transaction& tx, const std::string& catalog) {
  Numbered newest;
  const ports::Scan scan{.prefix = ports::record_of(catalog), .limit = 1, .descending = true};
  for (const DeploymentRow& row : TRY(Table<DeploymentRow>(tx).scan(scan))) newest = {row.number, row.created_at};
  return next_number(tx, newest);
}

Result<void> record(ports::Transaction& tx, const DeploymentRow& row, std::string_view action, const std::string& actor,
                    WallTime now) {
  json::Value detail = json::Object{{"product", row.product}, {"device_group", row.device_group}, {"wave", row.wave}};
  if (!row.reason.empty()) detail.set("reason", row.reason);
  return audit::append(tx, {row.catalog, actor, std::string(action), cat("deployment:", row.number), detail}, now);
}

/// The open wave soaks from now on.
void begin_wave(DeploymentRow& row, const std::vector<Wave>& waves, WallTime now) {
  const Wave& open = waves[static_cast<std::size_t>(row.wave)];
  const bool is_last = static_cast<std::size_t>(row.wave) + 1 == waves.size();
  row.wave_began_at = now;
  row.places = open.places;
  row.next_wave_at = is_last ? std::nullopt : std::optional(now + open.soak);
}

Result<DeploymentRow> change(ports::Transaction& tx, std::string_view catalog, std::int64_t number,
                             DeploymentState state, std::string reason, const Caller& by, WallTime now) {
  DeploymentRow row = TRY(find_deployment(tx, catalog, number));
  if (row.state == DeploymentState::Aborted) {
    return fail(Next::Conflict, kDeploymentEnded,
                cat("the deployment ", number, " was aborted; deploy the images again under a new number"));
  }
  const bool goes_on = state == DeploymentState::Running && row.state != state;
  row.state = state;
  if (goes_on) begin_wave(row, TRY(waves_of(row)), now);
  if (state != DeploymentState::Running) row.next_wave_at.reset();
  row.reason = std::move(reason);
  TRY(Table<DeploymentRow>(tx).update(row));
  constexpr std::string_view kActions[] = {"deployment.resumed", "deployment.paused", "deployment.aborted"};
  TRY(record(tx, row, kActions[static_cast<std::size_t>(state)], actor_of(by), now));
  return row;
}

/// The ids of what devices that are told of it may show.
Result<std::vector<Digest256>> accept_values(ports::Transaction& tx, const DeploymentOrder& order, const Caller& by,
                                             WallTime now) {
  std::vector<Digest256> out;
  for (const ReferenceSet& one : order.reference_sets) {
    out.push_back(TRY(appraise::add_reference_set(tx, order.catalog, one, by, now)).id);
  }
  return out;
}

}  // namespace

Result<Images> images_of(const DeploymentRow& row) {
  const json::Value value = TRY(parsed(row.images));
  if (value.object() == nullptr) {
    return fail(Next::Corrupt, ports::kRowCorrupt,
                cat("expected the images of deployment ", row.number, " as an object"));
  }
  Images out;
  for (const auto& [path, said] : *value.object()) {
    auto fields = TRY(json::Fields::of(said, "image of a deployment"));
    DirectedImage image;
    image.length = TRY(fields.integer("length", 0, ports::kImageFileBytesMax));
    image.sha256 = TRY(fields.digest256("sha256"));
    TRY(fields.done());
    out.emplace(path, image);
  }
  return out;
}

Result<std::vector<Wave>> waves_of(const DeploymentRow& row) { return waves_from(TRY(parsed(row.waves))); }

Result<std::vector<std::int64_t>> reach_of(ports::Transaction& tx, const DeploymentOrder& order) {
  std::vector<std::int64_t> out(order.waves.size());
  ports::Scan scan{.index = ports::kDevicesByGroup,
                   .prefix = ports::record_of(order.catalog, order.product, order.device_group),
                   .limit = ports::kScanRowsMax};
  while (true) {
    const auto rows = TRY(Table<ports::DeviceRow>(tx).scan(scan));
    for (const ports::DeviceRow& row : rows) {
      const std::int64_t place = place_of(row.catalog, row.device);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += place < order.waves[i].places ? 1 : 0;
    }
    if (rows.size() < scan.limit) return out;
    scan.after = Table<ports::DeviceRow>::cursor(scan.index, rows.back());
  }
}

Result<bool> has_devices(const DeploymentRow& row) {
  const json::Value reach = TRY(parsed(row.reach));
  const auto wave = static_cast<std::size_t>(row.wave);
  if (reach.array() == nullptr || wave >= reach.array()->size()) return true;
  const std::int64_t* devices = (*reach.array())[wave].integer();
  return devices == nullptr || *devices > 0;
}

Result<std::vector<ReferenceSet>> reference_values_of(ports::Transaction& tx, ports::ImageFiles& files,
                                                      const DeploymentOrder& order) {
  std::vector<ReferenceSet> out;
  for (const Released& one : TRY(released_of(tx, order))) {
    auto set = TRY(images::require_release(files, order.catalog, one));
    if (set) out.push_back(*std::move(set));
  }
  return out;
}

Result<DeploymentRow> deploy(ports::Transaction& tx, const DeploymentOrder& order, const Caller& by, WallTime now) {
  if (!TRY(Table<ports::DeviceGroupRow>(tx).find(order.catalog, order.product, order.device_group))) {
    return fail(Next::NotFound, kNothingThere,
                cat("there is no device group '", printable(order.device_group, 60), "' of '",
                    printable(order.product, 60), "'"));
  }
  if (order.images.empty() || order.images.size() > trust::tuf::kDirectedImagesMax) {
    return fail(Next::Rejected, kInputMalformed,
                cat("expected 1 to ", trust::tuf::kDirectedImagesMax, " images, saw ", order.images.size()));
  }
  const auto set = TRY(released_of(tx, order));
  Images images;
  for (const Released& one : set) {
    TRY(require_product(one, order));
    images.emplace(one.path, DirectedImage{one.length, one.sha256});
  }
  TRY(require_needs(set));
  DeploymentRow row;
  row.catalog = order.catalog;
  row.number = TRY(number_for(tx, order.catalog));
  row.product = order.product;
  row.device_group = order.device_group;
  row.images = text_of(images);
  row.waves = json::dump(to_json(order.waves));
  json::Array reach;
  for (const std::int64_t devices : order.reach) reach.emplace_back(devices);
  row.reach = json::dump(reach);
  begin_wave(row, order.waves, now);
  row.created_by = actor_of(by);
  row.created_at = now;
  row.reference_sets = appraise::text_of(TRY(accept_values(tx, order, by, now)));
  TRY(Table<DeploymentRow>(tx).insert(row));
  TRY(record(tx, row, "deployment.created", row.created_by, now));
  return row;
}

Result<DeploymentRow> find_deployment(ports::Transaction& tx, std::string_view catalog, std::int64_t number) {
  auto row = TRY(Table<DeploymentRow>(tx).find(catalog, number));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kNothingThere, cat("there is no deployment ", number));
}

Result<DeploymentRow> pause(ports::Transaction& tx, std::string_view catalog, std::int64_t number, std::string reason,
                            const Caller& by, WallTime now) {
  return change(tx, catalog, number, DeploymentState::Paused, std::move(reason), by, now);
}

Result<DeploymentRow> resume(ports::Transaction& tx, std::string_view catalog, std::int64_t number, const Caller& by,
                             WallTime now) {
  return change(tx, catalog, number, DeploymentState::Running, "", by, now);
}

Result<DeploymentRow> abort(ports::Transaction& tx, std::string_view catalog, std::int64_t number, std::string reason,
                            const Caller& by, WallTime now) {
  return change(tx, catalog, number, DeploymentState::Aborted, std::move(reason), by, now);
}

Result<void> abort_withdrawn(ports::Transaction& tx, std::string_view catalog, const Caller& by, WallTime now) {
  const auto withdrawn = TRY(images::withdrawn_images(tx, catalog));
  if (withdrawn.empty()) return {};
  ports::Scan scan{.prefix = ports::record_of(catalog), .limit = kRowsAtOnce, .descending = true};
  while (true) {
    const auto rows = TRY(Table<DeploymentRow>(tx).scan(scan));
    for (const DeploymentRow& row : rows) {
      if (row.state == DeploymentState::Aborted) continue;
      const Images images = TRY(images_of(row));
      const auto gone = std::ranges::find_if(withdrawn, [&](const std::string& path) { return images.contains(path); });
      if (gone == withdrawn.end()) continue;
      TRY(abort(tx, catalog, row.number, cat(*gone, " was withdrawn"), by, now));
    }
    if (rows.size() < kRowsAtOnce) return {};
    scan.after = Table<DeploymentRow>::cursor(scan.index, rows.back());
  }
}

Result<void> open_next_wave(ports::Transaction& tx, DeploymentRow row, WallTime now) {
  ++row.wave;
  begin_wave(row, TRY(waves_of(row)), now);
  TRY(Table<DeploymentRow>(tx).update(row));
  return record(tx, row, "deployment.wave-opened", "service", now);
}

Result<void> pause_by_gate(ports::Transaction& tx, DeploymentRow row, std::string reason, WallTime now) {
  row.state = DeploymentState::Paused;
  row.next_wave_at.reset();
  row.reason = std::move(reason);
  TRY(Table<DeploymentRow>(tx).update(row));
  return record(tx, row, "deployment.stopped", "service", now);
}

}  // namespace holdfast::service::rollout
