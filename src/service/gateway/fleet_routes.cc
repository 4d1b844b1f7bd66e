#include "ports/store/rows/attestation.h"
#include "service/catalog/fleet.h"
#include "service/gateway/page.h"
#include "service/gateway/shown.h"
#include "trust/appraisal/verdict.h"

namespace holdfast::service::gateway {
namespace {

using ports::DeviceRow;
using trust::appraisal::Verdict;

Result<DeviceRow> device_of(const Call& call, ports::Transaction& tx) {
  return require_row<DeviceRow>(tx, "device", call.parameter("catalog"), call.parameter("device"));
}

/// What a list of devices is asked for; a member that is not there asks for nothing.
struct DeviceFilter {
  std::string product;
  std::string device_group;
  std::optional<std::size_t> state;    ///< a position in kStates
  std::optional<std::size_t> verdict;  ///< a position in kVerdicts
  std::optional<WallTime> seen_after;
  std::optional<WallTime> seen_before;

  static Result<DeviceFilter> of(const Call& call);
  bool fits(const DeviceRow& row) const;
  /// By the index that has the fewest rows to look at.
  ports::Scan scan(const std::string& catalog) const;
};

/// In the order of Verdict, which the row keeps as a number; `none`: never judged.
constexpr std::string_view kVerdicts[] = {"healthy", "update-only", "quarantined", "refused", "none"};
constexpr std::size_t kNoVerdict = 4;
constexpr std::string_view kStates[] = {"enrolled", "held", "released"};

Result<DeviceFilter> DeviceFilter::of(const Call& call) {
  DeviceFilter out;
  out.product = call.query("product");
  out.device_group = call.query("device_group");
  out.state = TRY(call.query_word("state", kStates));
  out.verdict = TRY(call.query_word("verdict", kVerdicts));
  out.seen_after = TRY(call.query_time("seen_after"));
  out.seen_before = TRY(call.query_time("seen_before"));
  return out;
}

std::optional<std::int64_t> number_of(std::size_t verdict) {
  return verdict == kNoVerdict ? std::nullopt : std::optional(static_cast<std::int64_t>(verdict));
}

bool DeviceFilter::fits(const DeviceRow& row) const {
  if (!product.empty() && row.product != product) return false;
  if (!device_group.empty() && row.device_group != device_group) return false;
  if (state && static_cast<std::size_t>(row.state) != *state) return false;
  if (verdict && row.last_verdict != number_of(*verdict)) return false;
  // A device that was never seen was seen before any time.
  if (seen_after && (!row.last_seen_at || *row.last_seen_at < *seen_after)) return false;
  return !seen_before || !row.last_seen_at || *row.last_seen_at < *seen_before;
}

ports::Scan DeviceFilter::scan(const std::string& catalog) const {
  const bool is_healthy = verdict == static_cast<std::size_t>(Verdict::Healthy);
  if (verdict && !is_healthy) {
    return {.index = ports::kDevicesByVerdict, .prefix = ports::record_of(catalog, number_of(*verdict))};
  }
  if (product.empty()) return {.prefix = ports::record_of(catalog)};
  ports::Scan out{.index = ports::kDevicesByGroup, .prefix = ports::record_of(catalog, product)};
  if (!device_group.empty()) out.prefix = ports::record_of(catalog, product, device_group);
  return out;
}

Result<Response> get_devices(const Call& call) {
  const DeviceFilter filter = TRY(DeviceFilter::of(call));
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<DeviceRow>(
        call, tx, filter.scan(call.parameter("catalog")), [&](const DeviceRow& row) { return filter.fits(row); },
        [](const DeviceRow& row) { return shown_device(row); });
  });
}

Result<Response> get_device(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return object_response(call, shown_device(TRY(device_of(call, tx))));
  });
}

Result<Response> get_explain(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const DeviceRow device = TRY(device_of(call, tx));
    const auto row =
        TRY(require_row<ports::AppraisalRow>(tx, "appraisal yet", device.catalog, device.device, device.attestations));
    json::Value appraisal = TRY(json::parse(as_bytes(row.findings)));
    return object_response(call, json::Object{{"device", device.device},
                                              {"verdict", verdict_of(row.verdict)},
                                              {"at", to_rfc3339(row.at)},
                                              {"policy", row.policy},
                                              {"policy_version", row.policy_version},
                                              {"held", device.state == ports::DeviceState::Held},
                                              {"appraisal", std::move(appraisal)}});
  });
}

Result<Response> change_hold(const Call& call, bool hold) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const DeviceRow device = TRY(device_of(call, tx));
    TRY(call.preconditions.require(shown_device(device)));
    return json_response(200, shown_device(TRY(catalog::set_hold(tx, device, hold, call.caller, call.now))));
  });
}

Result<Response> post_hold(const Call& call) { return change_hold(call, true); }
Result<Response> post_release_hold(const Call& call) { return change_hold(call, false); }

Result<Response> post_move(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "move"));
  const std::string product = TRY(fields.text("product", kTextBytesMax));
  const std::string group = TRY(fields.text("device_group", kTextBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const DeviceRow device = TRY(device_of(call, tx));
    TRY(call.preconditions.require(shown_device(device)));
    return json_response(200,
                         shown_device(TRY(catalog::move_device(tx, device, product, group, call.caller, call.now))));
  });
}

}  // namespace

const std::vector<Route>& fleet_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/devices", kBy, Scope::Read, get_devices,
       "after limit product device_group state verdict seen_after seen_before"},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}", kBy, Scope::Read, get_device},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/explain", kBy, Scope::Read, get_explain},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/hold", kBy, Scope::Operate, post_hold},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/release-hold", kBy, Scope::Operate, post_release_hold},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/move", kBy, Scope::Operate, post_move},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
