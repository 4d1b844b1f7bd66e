#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/device.h"
#include "service/audit/audit.h"
#include "service/catalog/fleet.h"
#include "service/claim/release.h"
#include "service/gateway/answers.h"
#include "service/identity/certificates.h"
#include "trust/appraisal/verdict.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::gateway {
namespace {

using ports::CertificateRow;
using ports::DeviceRow;
using ports::Table;
using trust::appraisal::Verdict;

json::Value verdict_of(const std::optional<std::int64_t>& verdict) {
  return verdict ? json::Value(trust::appraisal::name_of(static_cast<Verdict>(*verdict))) : json::Value();
}

json::Value to_json(const DeviceRow& row) {
  constexpr std::string_view kStates[] = {"enrolled", "held", "released"};
  const auto running = json::parse(as_bytes(row.running));
  return json::Object{{"device", row.device},
                      {"product", row.product},
                      {"device_group", row.device_group},
                      {"state", kStates[static_cast<std::size_t>(row.state)]},
                      {"verdict", verdict_of(row.last_verdict)},
                      {"attested_at", time_or_null(row.last_attested_at)},
                      {"seen_at", time_or_null(row.last_seen_at)},
                      {"boot_count", row.boot_count},
                      {"running", running ? *running : json::Value()},
                      {"enrolled_at", to_rfc3339(row.enrolled_at)},
                      {"enrolments", row.enrolments},
                      {"appraisals", row.attestations},
                      {"ek_sha256", to_hex(row.ek_sha256)},
                      {"ak_sha256", to_hex(trust::crypto::sha256(row.ak_public))}};
}

json::Value to_json(const ports::ReleaseRow& row) {
  return json::Object{{"device", row.device},
                      {"ordered_by", row.ordered_by},
                      {"ordered_at", to_rfc3339(row.ordered_at)},
                      {"expires_at", to_rfc3339(row.expires_at)},
                      {"confirmed_at", time_or_null(row.confirmed_at)}};
}

Result<DeviceRow> device_of(const Call& call, ports::Transaction& tx) {
  return require_row<DeviceRow>(tx, "device", call.parameter("catalog"), call.parameter("device"));
}

bool is_asked_for(const Call& call, const DeviceRow& row) {
  const auto fits = [&](std::string_view name, std::string_view value) {
    const std::string wanted = call.query(name);
    return wanted.empty() || wanted == value;
  };
  const std::string_view verdict =
      row.last_verdict ? trust::appraisal::name_of(static_cast<Verdict>(*row.last_verdict)) : "none";
  return fits("product", row.product) && fits("device_group", row.device_group) && fits("verdict", verdict);
}

/// One page is `limit` rows looked at; a filter makes it shorter, `next` says whether there are more.
Result<Response> get_devices(const Call& call) {
  const auto limit = static_cast<std::size_t>(TRY(call.query_integer("limit", kPageDefault, 1, kPageMax)));
  const std::string after = call.query("after");
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    ports::Scan scan{.prefix = ports::record_of(catalog), .limit = limit};
    if (!after.empty()) scan.after = ports::record_of(catalog, after);
    json::Array items;
    const auto rows = TRY(Table<DeviceRow>(tx).scan(scan));
    for (const DeviceRow& row : rows) {
      if (is_asked_for(call, row)) items.push_back(to_json(row));
    }
    return list_response(std::move(items), rows.size() == limit ? std::optional(rows.back().device) : std::nullopt);
  });
}

Result<Response> get_device(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return json_response(200, to_json(TRY(device_of(call, tx))));
  });
}

Result<Response> get_explain(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const DeviceRow device = TRY(device_of(call, tx));
    const auto row =
        TRY(require_row<ports::AppraisalRow>(tx, "appraisal yet", device.catalog, device.device, device.attestations));
    json::Value appraisal = TRY(json::parse(as_bytes(row.findings)));
    return json_response(200, json::Object{{"device", device.device},
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
    return json_response(200, to_json(TRY(catalog::set_hold(tx, device, hold, call.caller, call.now))));
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
    return json_response(200, to_json(TRY(catalog::move_device(tx, device, product, group, call.caller, call.now))));
  });
}

Result<Response> get_release(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row =
        TRY(require_row<ports::ReleaseRow>(tx, "release", call.parameter("catalog"), call.parameter("device")));
    return json_response(200, to_json(row));
  });
}

Result<Response> post_release(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "release"));
  const Blob statement = TRY(fields.base64("statement", claim::kReleaseBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const DeviceRow device = TRY(device_of(call, tx));
    return json_response(200, to_json(TRY(claim::order_release(tx, device, statement, call.caller, call.now))));
  });
}

Result<Response> get_certificates(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const DeviceRow device = TRY(device_of(call, tx));
    const ports::Scan scan{.index = ports::kCertificatesByDevice,
                           .prefix = ports::record_of(device.catalog, device.device),
                           .limit = static_cast<std::size_t>(kPageDefault),
                           .descending = true};
    json::Array items;
    for (const auto& row : TRY(Table<CertificateRow>(tx).scan(scan))) items.push_back(gateway::to_json(row));
    return list_response(std::move(items));
  });
}

Result<Response> post_revoke(const Call& call) {
  const auto serial = TRY(array_from_hex<16>(call.parameter("serial")));
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "revocation"));
  const std::string reason = TRY(fields.text("reason", kTextBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(identity::revoke(tx, call.parameter("catalog"), serial, reason, call.caller, call.now));
    return json_response(200, json::Object{{"revoked", to_hex(serial)}});
  });
}

}  // namespace

const std::vector<Route>& fleet_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/devices", kBy, Scope::Read, get_devices},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}", kBy, Scope::Read, get_device},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/explain", kBy, Scope::Read, get_explain},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/certificates", kBy, Scope::Read, get_certificates},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/hold", kBy, Scope::Operate, post_hold},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/release-hold", kBy, Scope::Operate, post_release_hold},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/move", kBy, Scope::Operate, post_move},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/release", kBy, Scope::Read, get_release},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/release", kBy, Scope::Own, post_release},
      {kPort, "POST", "/v1/catalogs/{catalog}/certificates/{serial}/revoke", kBy, Scope::Operate, post_revoke},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
