// A device that its owner lets go.
#include "service/claim/release.h"
#include "service/gateway/answers.h"

namespace holdfast::service::gateway {
namespace {

json::Value to_json(const ports::ReleaseRow& row) {
  return json::Object{{"device", row.device},
                      {"ordered_by", row.ordered_by},
                      {"ordered_at", to_rfc3339(row.ordered_at)},
                      {"expires_at", to_rfc3339(row.expires_at)},
                      {"confirmed_at", time_or_null(row.confirmed_at)}};
}

Result<Response> get_release(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row =
        TRY(require_row<ports::ReleaseRow>(tx, "release", call.parameter("catalog"), call.parameter("device")));
    return object_response(call, to_json(row));
  });
}

Result<Response> post_release(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "release"));
  const Blob statement = TRY(fields.base64("statement", claim::kReleaseBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto device =
        TRY(require_row<ports::DeviceRow>(tx, "device", call.parameter("catalog"), call.parameter("device")));
    return json_response(200, to_json(TRY(claim::order_release(tx, device, statement, call.caller, call.now))));
  });
}

}  // namespace

const std::vector<Route>& release_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/release", kBy, Scope::Read, get_release},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/release", kBy, Scope::Own, post_release},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
