#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "service/gateway/page.h"
#include "service/rollout/direction.h"
#include "service/rollout/director.h"
#include "service/rollout/freezes.h"
#include "service/rollout/progress.h"

namespace holdfast::service::gateway {
namespace {

using ports::DeploymentRow;
using ports::Table;

constexpr std::string_view kStates[] = {"running", "paused", "aborted"};
constexpr std::size_t kPathBytesMax = 256;

Result<json::Value> to_json(const DeploymentRow& row) {
  json::Value images = TRY(json::parse(as_bytes(row.images)));
  json::Value waves = TRY(json::parse(as_bytes(row.waves)));
  json::Value reach = TRY(json::parse(as_bytes(row.reach)));
  return json::Object{{"number", row.number},
                      {"product", row.product},
                      {"device_group", row.device_group},
                      {"state", kStates[static_cast<std::size_t>(row.state)]},
                      {"reason", row.reason},
                      {"images", std::move(images)},
                      {"waves", std::move(waves)},
                      {"reach", std::move(reach)},
                      {"wave", row.wave},
                      {"wave_began_at", to_rfc3339(row.wave_began_at)},
                      {"next_wave_at", time_or_null(row.next_wave_at)},
                      {"created_by", row.created_by},
                      {"created_at", to_rfc3339(row.created_at)}};
}

Result<Response> get_deployments(const Call& call) {
  const std::string product = call.query("product");
  const std::string device_group = call.query("device_group");
  const auto state = TRY(call.query_word("state", kStates));
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<DeploymentRow>(
        call, tx, {.prefix = ports::record_of(call.parameter("catalog")), .descending = true},
        [&](const DeploymentRow& row) {
          return (product.empty() || row.product == product) &&
                 (device_group.empty() || row.device_group == device_group) &&
                 (!state || row.state == static_cast<ports::DeploymentState>(*state));
        },
        [](const DeploymentRow& row) { return to_json(row); });
  });
}

Result<Response> get_deployment(const Call& call) {
  const std::int64_t number = TRY(call.number());
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return object_response(call, TRY(to_json(TRY(rollout::find_deployment(tx, call.parameter("catalog"), number)))));
  });
}

Result<Response> get_progress(const Call& call) {
  const std::int64_t number = TRY(call.number());
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(rollout::find_deployment(tx, call.parameter("catalog"), number));
    json::Value out = TRY(to_json(row));
    out.set("progress", rollout::to_json(TRY(rollout::progress_of(tx, row))));
    out.set("frozen", json::Value());
    if (const auto freeze = TRY(rollout::freeze_of(tx, row.catalog, row.product, row.device_group, call.now))) {
      out.set("frozen", json::Object{{"until", to_rfc3339(freeze->until)}, {"reason", freeze->reason}});
    }
    return object_response(call, out);
  });
}

Result<Response> post_deployments(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "deployment"));
  rollout::DeploymentOrder order;
  order.catalog = call.parameter("catalog");
  order.product = TRY(fields.text("product", kTextBytesMax));
  order.device_group = TRY(fields.text("device_group", kTextBytesMax));
  order.images = TRY(fields.texts("images", trust::tuf::kDirectedImagesMax, kPathBytesMax));
  order.waves = fields.has("waves") ? TRY(rollout::waves_from(*TRY(fields.value("waves")))) : rollout::usual_waves();
  TRY(fields.done());
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    order.reach = TRY(rollout::reach_of(tx, order));
    order.reference_sets = TRY(rollout::reference_values_of(tx, call.deps.images, order));
    return {};
  }));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    return json_response(201, TRY(to_json(TRY(rollout::deploy(tx, order, call.caller, call.now)))));
  });
}

/// Why, for who reads it later.
Result<std::string> reason_in(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "change of a deployment"));
  std::string out = fields.has("reason") ? TRY(fields.text("reason", rollout::kReasonBytesMax)) : std::string();
  TRY(fields.done());
  return out;
}

/// `change` takes the transaction and the deployment's number, and returns the deployment as it is then.
template <class Change>
Result<Response> change_deployment(const Call& call, Change change) {
  const std::int64_t number = TRY(call.number());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto there = TRY(Table<DeploymentRow>(tx).find(call.parameter("catalog"), number));
    std::optional<json::Value> object;
    if (there) object = TRY(to_json(*there));
    TRY(call.preconditions.require(object));
    return json_response(200, TRY(to_json(TRY(change(tx, number)))));
  });
}

Result<Response> post_pause(const Call& call) {
  const std::string reason = TRY(reason_in(call));
  return change_deployment(call, [&](ports::Transaction& tx, std::int64_t number) {
    return rollout::pause(tx, call.parameter("catalog"), number, reason, call.caller, call.now);
  });
}

Result<Response> post_resume(const Call& call) {
  TRY(reason_in(call));
  return change_deployment(call, [&](ports::Transaction& tx, std::int64_t number) {
    return rollout::resume(tx, call.parameter("catalog"), number, call.caller, call.now);
  });
}

Result<Response> post_abort(const Call& call) {
  const std::string reason = TRY(reason_in(call));
  return change_deployment(call, [&](ports::Transaction& tx, std::int64_t number) {
    return rollout::abort(tx, call.parameter("catalog"), number, reason, call.caller, call.now);
  });
}

/// What the device is to have, why, and what it says of it.
Result<Response> get_direction(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto device =
        TRY(require_row<ports::DeviceRow>(tx, "device", call.parameter("catalog"), call.parameter("device")));
    const auto choice = TRY(rollout::choose(tx, device, call.now));
    json::Array why;
    for (const std::string& one : choice.why) why.emplace_back(one);
    json::Value out = json::Object{{"device", device.device},
                                   {"deployment", json::Value()},
                                   {"images", json::Value()},
                                   {"why", std::move(why)},
                                   {"report", json::Value()}};
    if (choice.deployment) {
      out.set("deployment", choice.deployment->number);
      out.set("images", TRY(json::parse(as_bytes(choice.deployment->images))));
    }
    if (const auto report = TRY(Table<ports::UpdateReportRow>(tx).find(device.catalog, device.device))) {
      json::Value updates = TRY(json::parse(as_bytes(report->updates)));
      out.set("report",
              json::Object{
                  {"director", report->director}, {"updates", std::move(updates)}, {"at", to_rfc3339(report->at)}});
    }
    return object_response(call, out);
  });
}

json::Value to_json(const ports::PinRow& row) {
  return json::Object{{"device", row.device},
                      {"deployment", row.deployment},
                      {"reason", row.reason},
                      {"pinned_by", row.pinned_by},
                      {"pinned_at", to_rfc3339(row.pinned_at)}};
}

Result<void> require_pin_match(ports::Transaction& tx, const Call& call) {
  const auto row = TRY(Table<ports::PinRow>(tx).find(call.parameter("catalog"), call.parameter("device")));
  return call.preconditions.require(row ? std::optional(to_json(*row)) : std::nullopt);
}

Result<Response> get_pin(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<ports::PinRow>(tx, "pin", call.parameter("catalog"), call.parameter("device")));
    return object_response(call, to_json(row));
  });
}

Result<Response> put_pin(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "pin"));
  const std::int64_t deployment = TRY(fields.integer("deployment", 1, INT64_MAX));
  const std::string reason =
      fields.has("reason") ? TRY(fields.text("reason", rollout::kReasonBytesMax)) : std::string();
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(require_pin_match(tx, call));
    return json_response(200, to_json(TRY(rollout::pin(tx, call.parameter("catalog"), call.parameter("device"),
                                                       deployment, reason, call.caller, call.now))));
  });
}

Result<Response> delete_pin(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(require_pin_match(tx, call));
    TRY(rollout::unpin(tx, call.parameter("catalog"), call.parameter("device"), call.caller, call.now));
    return json_response(200, json::Object{{"device", call.parameter("device")}, {"pinned", false}});
  });
}

/// The public half of the key, for the owner to name in the trust policy.
Result<Response> post_director(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "director"));
  const bool renew = fields.has("renew") && TRY(fields.boolean("renew"));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(require_row<ports::CatalogRow>(tx, "catalog", call.parameter("catalog")));
    const auto key =
        TRY(rollout::prepare_director(tx, call.deps, call.parameter("catalog"), renew, call.caller, call.now));
    return json_response(200, json::Object{{"number", key.number}, {"public_key", to_base64(key.public_key)}});
  });
}

Result<Response> get_director_targets(const Call& call) {
  const auto& device = std::get<DeviceCaller>(call.caller);
  Blob targets = TRY(rollout::director_targets(call.deps, device.catalog, device.device, call.now));
  return Response{.body = std::move(targets)};
}

}  // namespace

const std::vector<Route>& rollout_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {Port::Device, "GET", "/v1/director", Admits::Device, Scope::Own, get_director_targets},
      {kPort, "POST", "/v1/catalogs/{catalog}/director", kBy, Scope::Own, post_director},
      {kPort, "GET", "/v1/catalogs/{catalog}/deployments", kBy, Scope::Read, get_deployments,
       "after limit product device_group state"},
      {kPort, "POST", "/v1/catalogs/{catalog}/deployments", kBy, Scope::Operate, post_deployments},
      {kPort, "GET", "/v1/catalogs/{catalog}/deployments/{number}", kBy, Scope::Read, get_deployment},
      {kPort, "GET", "/v1/catalogs/{catalog}/deployments/{number}/progress", kBy, Scope::Read, get_progress},
      {kPort, "POST", "/v1/catalogs/{catalog}/deployments/{number}/pause", kBy, Scope::Operate, post_pause},
      {kPort, "POST", "/v1/catalogs/{catalog}/deployments/{number}/resume", kBy, Scope::Operate, post_resume},
      {kPort, "POST", "/v1/catalogs/{catalog}/deployments/{number}/abort", kBy, Scope::Operate, post_abort},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/direction", kBy, Scope::Read, get_direction},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/pin", kBy, Scope::Read, get_pin},
      {kPort, "PUT", "/v1/catalogs/{catalog}/devices/{device}/pin", kBy, Scope::Operate, put_pin},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/devices/{device}/pin", kBy, Scope::Operate, delete_pin},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
