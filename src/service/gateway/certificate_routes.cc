#include "base/encoding.h"
#include "ports/store/rows/device.h"
#include "service/gateway/page.h"
#include "service/gateway/shown.h"
#include "service/identity/certificates.h"

namespace holdfast::service::gateway {
namespace {

using ports::CertificateRow;

struct CertificateFilter {
  std::optional<std::size_t> kind;   ///< a position in kCertificateKinds
  std::optional<std::size_t> state;  ///< a position in kCertificateStates

  bool fits(const CertificateRow& row) const {
    return (!kind || static_cast<std::size_t>(row.kind) == *kind) &&
           (!state || static_cast<std::size_t>(row.state) == *state);
  }
};

Result<CertificateFilter> filter_of(const Call& call) {
  CertificateFilter out;
  out.kind = TRY(call.query_word("kind", kCertificateKinds));
  out.state = TRY(call.query_word("state", kCertificateStates));
  return out;
}

Result<Response> list(const Call& call, ports::Transaction& tx, const ports::Scan& scan,
                      const CertificateFilter& filter) {
  return list_page<CertificateRow>(
      call, tx, scan, [&](const CertificateRow& row) { return filter.fits(row); }, shown_certificate);
}

/// Of one kind and state the ones that end first come first; else by serial.
Result<Response> get_certificates(const Call& call) {
  const CertificateFilter filter = TRY(filter_of(call));
  return in_read(call, [&](ports::Transaction& tx) {
    const std::string& catalog = call.parameter("catalog");
    if (!filter.kind || !filter.state) return list(call, tx, {.prefix = ports::record_of(catalog)}, filter);
    const auto kind = static_cast<ports::CertificateKind>(*filter.kind);
    const auto state = static_cast<ports::CertificateState>(*filter.state);
    return list(call, tx, {.index = ports::kCertificatesByEnd, .prefix = ports::record_of(catalog, kind, state)},
                filter);
  });
}

/// The ones that end last come first.
Result<Response> get_device_certificates(const Call& call) {
  const CertificateFilter filter = TRY(filter_of(call));
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto device =
        TRY(require_row<ports::DeviceRow>(tx, "device", call.parameter("catalog"), call.parameter("device")));
    const ports::Scan scan{.index = ports::kCertificatesByDevice,
                           .prefix = ports::record_of(device.catalog, device.device),
                           .descending = true};
    return list(call, tx, scan, filter);
  });
}

Result<Response> get_certificate(const Call& call) {
  const auto serial = TRY(array_from_hex<16>(call.parameter("serial")));
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<CertificateRow>(tx, "certificate", call.parameter("catalog"), serial));
    return object_response(call, shown_certificate(row));
  });
}

Result<Response> post_revoke(const Call& call) {
  const auto serial = TRY(array_from_hex<16>(call.parameter("serial")));
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "revocation"));
  const std::string reason = TRY(fields.text("reason", kTextBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const auto row = TRY(ports::Table<CertificateRow>(tx).find(catalog, serial));
    TRY(call.preconditions.require(row ? std::optional(shown_certificate(*row)) : std::nullopt));
    TRY(identity::revoke(tx, catalog, serial, reason, call.caller, call.now));
    return json_response(200, json::Object{{"revoked", to_hex(serial)}});
  });
}

}  // namespace

const std::vector<Route>& certificate_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/certificates", kBy, Scope::Read, get_device_certificates,
       "after limit kind state"},
      {kPort, "GET", "/v1/catalogs/{catalog}/certificates", kBy, Scope::Read, get_certificates,
       "after limit kind state"},
      {kPort, "GET", "/v1/catalogs/{catalog}/certificates/{serial}", kBy, Scope::Read, get_certificate},
      {kPort, "POST", "/v1/catalogs/{catalog}/certificates/{serial}/revoke", kBy, Scope::Operate, post_revoke},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
