// EST (RFC 7030, RFC 8951) on its listener. The path's label is the catalog; it may be left out where EST is on in one
// catalog alone.
#include "base/text.h"
#include "service/est/enroll.h"
#include "service/est/settings.h"
#include "service/gateway/route.h"
#include "trust/x509/certs_only.h"

namespace holdfast::service::gateway {
namespace {

constexpr Reason kKeysStayHome{"keys-stay-home"};
constexpr std::string_view kCertificates = "application/pkcs7-mime; smime-type=certs-only";

Result<std::string> catalog_of(const Call& call) {
  const auto named = call.parameters.find("catalog");
  if (named != call.parameters.end()) return named->second;
  std::string out;
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(est::only_catalog(tx));
    return {};
  }));
  return out;
}

Response message(std::string_view type, Bytes der) {
  Response out{.content_type = std::string(type), .body = est::encode_body(der)};
  out.is_base64 = true;
  return out;
}

Result<Response> get_cacerts(const Call& call) {
  const std::string catalog = TRY(catalog_of(call));
  return message(kCertificates, TRY(est::ca_certificates(call.deps, catalog, call.now)));
}

Result<Response> get_csrattrs(const Call&) {
  return message("application/csrattrs", trust::x509::wanted_request_attributes());
}

Result<Response> post_simpleenroll(const Call& call) {
  const std::string catalog = TRY(catalog_of(call));
  const auto& request = call.request;
  return message(kCertificates, TRY(est::enroll(call.deps, catalog, request.authorization, request.body, call.now)));
}

Result<Response> post_simplereenroll(const Call& call) {
  const std::string catalog = TRY(catalog_of(call));
  const auto& request = call.request;
  return message(kCertificates, TRY(est::reenroll(call.deps, catalog, std::get<DeviceCaller>(call.caller),
                                                  *request.client_certificate, request.body, call.now)));
}

Result<Response> post_serverkeygen(const Call&) {
  return problem({Next::Rejected, kKeysStayHome,
                  "keys are made where they are used and never leave it; use simpleenroll with a request of your own"},
                 501);
}

}  // namespace

const std::vector<Route>& est_routes() {
  constexpr Port kPort = Port::Est;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/.well-known/est/cacerts", Admits::Anyone, Scope::Own, get_cacerts},
      {kPort, "GET", "/.well-known/est/csrattrs", Admits::Anyone, Scope::Own, get_csrattrs},
      {kPort, "POST", "/.well-known/est/simpleenroll", Admits::Anyone, Scope::Own, post_simpleenroll},
      {kPort, "POST", "/.well-known/est/simplereenroll", Admits::Device, Scope::Own, post_simplereenroll},
      {kPort, "POST", "/.well-known/est/serverkeygen", Admits::Anyone, Scope::Own, post_serverkeygen},
      {kPort, "GET", "/.well-known/est/{catalog}/cacerts", Admits::Anyone, Scope::Own, get_cacerts},
      {kPort, "GET", "/.well-known/est/{catalog}/csrattrs", Admits::Anyone, Scope::Own, get_csrattrs},
      {kPort, "POST", "/.well-known/est/{catalog}/simpleenroll", Admits::Anyone, Scope::Own, post_simpleenroll},
      {kPort, "POST", "/.well-known/est/{catalog}/simplereenroll", Admits::Device, Scope::Own, post_simplereenroll},
      {kPort, "POST", "/.well-known/est/{catalog}/serverkeygen", Admits::Anyone, Scope::Own, post_serverkeygen},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
