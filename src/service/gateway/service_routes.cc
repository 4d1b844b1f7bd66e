#include "ports/store/rows/catalog.h"
#include "service/gateway/answers.h"

namespace holdfast::service::gateway {
namespace {

/// The process is there and answers. Says nothing of its database.
Result<Response> get_health(const Call&) {
  static const Response kAlive = json_response(200, json::Object{{"status", "alive"}});
  return kAlive;
}

/// The database answers, and, since the answer waits for a flush, takes what it is given.
Result<Response> get_readiness(const Call& call) {
  TRY(call.deps.store.read([](ports::Transaction& tx) -> Result<void> {
    TRY(ports::Table<ports::CatalogRow>(tx).find(""));
    return {};
  }));
  Response out = json_response(200, json::Object{{"status", "ready"}});
  out.durable = true;
  return out;
}

Result<Response> get_metrics(const Call& call) {
  return Response{.content_type = "text/plain; version=0.0.4", .body = to_blob(as_bytes(call.deps.metrics.text()))};
}

}  // namespace

const std::vector<Route>& service_routes() {
  static const std::vector<Route> kRoutes = {
      {Port::Device, "GET", "/healthz", Admits::Anyone, Scope::Own, get_health},
      {Port::Device, "GET", "/readyz", Admits::Anyone, Scope::Own, get_readiness},
      {Port::Management, "GET", "/healthz", Admits::Anyone, Scope::Own, get_health},
      {Port::Management, "GET", "/readyz", Admits::Anyone, Scope::Own, get_readiness},
      {Port::Management, "GET", "/metrics", Admits::Operator, Scope::Read, get_metrics},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
