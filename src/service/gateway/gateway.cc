#include "service/gateway/gateway.h"

#include <algorithm>

#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "service/access/access.h"
#include "service/gateway/idempotency.h"
#include "service/gateway/traced_store.h"
#include "service/identity/certificates.h"

namespace holdfast::service::gateway {
namespace {

constexpr ports::Counter kRequests{
    "holdfast_requests_total", "Requests by route and status of the answer.", {"route", "status"}};

using Parameters = std::map<std::string, std::string, std::less<>>;

using Segments = std::vector<std::string_view>;

/// A route and its pattern, taken apart once.
struct Pattern {
  const Route* route;
  Segments segments;
};

const std::vector<Pattern>& all_patterns() {
  static const std::vector<Pattern> kPatterns = [] {
    std::vector<Pattern> out;
    for (const Route* route : all_routes()) out.push_back({route, split(route->pattern, '/')});
    return out;
  }();
  return kPatterns;
}

/// Segment by segment; a `{name}` takes one that is not empty.
bool fits(const Segments& wanted, const Segments& seen) {
  return std::ranges::equal(wanted, seen, [](std::string_view one, std::string_view other) {
    return one.starts_with('{') ? !other.empty() : one == other;
  });
}

Parameters parameters_of(const Segments& wanted, const Segments& seen) {
  Parameters out;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) out.emplace(wanted[i].substr(1, wanted[i].size() - 2), seen[i]);
  }
  return out;
}

struct Match {
  const Route* route;
  Parameters parameters;
};

/// What a path leads to: a route, or the methods that there are routes for.
struct Found {
  std::optional<Match> match;
  std::string methods;  ///< `GET, POST`; empty where the path is nobody's
};

Found find_route(const Request& request) {
  Found out;
  const Segments path = split(request.path, '/');
  for (const Pattern& pattern : all_patterns()) {
    const Route* route = pattern.route;
    if (route->port != request.port || !fits(pattern.segments, path)) continue;
    if (route->method == request.method) return {Match{route, parameters_of(pattern.segments, path)}, {}};
    out.methods += cat(out.methods.empty() ? "" : ", ", route->method);
  }
  return out;
}

/// RFC 9110 §15.5.6: 405 says in Allow which methods there are.
Result<Response> nothing_at(const Request& request, std::string methods, const std::string& trace) {
  if (methods.empty()) {
    return fail(Next::NotFound, kRouteUnknown,
                cat("there is nothing at ", printable(request.method, 10), " ", printable(request.path, 100)));
  }
  Response out = problem(
      {Next::Rejected, kMethodUnknown,
       cat("expected ", methods, " at ", printable(request.path, 100), ", saw ", printable(request.method, 10))},
      405, trace);
  out.allow = std::move(methods);
  return out;
}

/// An operator's token says which scope and which catalog; both must cover the route.
Result<void> require_scope(const OperatorCaller& caller, const Match& match) {
  if (caller.scope < match.route->scope) {
    return fail(Next::Denied, kCallerNotAllowed,
                cat("expected the scope ", name_of(match.route->scope), ", saw a token with ", name_of(caller.scope)));
  }
  if (caller.catalog.empty() || match.route->admits == Admits::AnyOperator) return {};
  const auto named = match.parameters.find("catalog");
  if (named != match.parameters.end() && named->second == caller.catalog) return {};
  return fail(Next::Denied, kCallerNotAllowed, cat("this token is for the catalog '", caller.catalog, "' alone"));
}

Result<void> require_trusted(const DeviceCaller& caller, const Match& match) {
  const auto named = match.parameters.find("catalog");
  if (named != match.parameters.end() && named->second != caller.catalog) {
    return fail(Next::Denied, kCallerNotAllowed, cat("this device belongs to the catalog '", caller.catalog, "'"));
  }
  if (caller.kind == ports::CertificateKind::Quarantine) {
    return fail(Next::Denied, kCallerNotAllowed, "a quarantined device may only report and attest");
  }
  if (caller.kind == ports::CertificateKind::Unattested) {
    return fail(Next::Denied, kCallerNotAllowed, "a thing without a vault may only enrol, each time with a new secret");
  }
  return {};
}

/// What lives at another service, or has not arrived whole, is looked at and not changed.
Result<void> require_living_here(const Match& match, Deps& deps) {
  const auto named = match.parameters.find("catalog");
  const Route& route = *match.route;
  if (route.admits != Admits::Operator || route.method == "GET" || route.goes_on || named == match.parameters.end()) {
    return {};
  }
  return deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    const auto row = TRY(ports::Table<ports::CatalogRow>(tx).find(named->second));
    if (!row || row->state == ports::CatalogState::Ready || row->state == ports::CatalogState::Preparing) return {};
    return fail(Next::Conflict, kCatalogLeft,
                cat("the catalog '", row->name, "' lives at another service, or has not arrived whole"));
  });
}

/// How a caller of this port says who they are, for who did not (RFC 9110 §11.6.1).
std::string_view challenge_of(Port port) {
  switch (port) {
    case Port::Management: return "Bearer";
    case Port::Est: return R"(Basic realm="holdfast", charset="UTF-8")";
    case Port::Device: break;  // by a certificate, which HTTP has no word for
  }
  return "";
}

Result<Caller> caller_of(const Request& request, const Route& route, Deps& deps, WallTime now) {
  Caller caller;
  if (route.admits == Admits::Anyone) return caller;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    switch (route.admits) {
      case Admits::Anyone: break;
      case Admits::Operator:
      case Admits::AnyOperator: caller = TRY(access::authenticate(tx, request.authorization, now)); break;
      case Admits::Device:
        if (!request.client_certificate) {
          return fail(Next::Denied, kCallerUnknown, "expected a client certificate, saw none");
        }
        caller = TRY(identity::authenticate(tx, *request.client_certificate, now));
        break;
    }
    return {};
  }));
  return caller;
}

Result<Response> answer(const Request& request, Served& served, Deps& deps, WallTime now) {
  Found found = find_route(request);
  if (!found.match) return nothing_at(request, std::move(found.methods), served.trace);
  Match& match = *found.match;
  served.route = match.route->pattern;
  Caller caller = TRY(caller_of(request, *match.route, deps, now));
  served.caller = actor_of(caller);
  if (const auto* person = std::get_if<OperatorCaller>(&caller)) TRY(require_scope(*person, match));
  if (const auto* device = std::get_if<DeviceCaller>(&caller)) TRY(require_trusted(*device, match));
  if (request.port == Port::Management) TRY(require_queries(request, *match.route));
  TRY(require_idempotency_key(request));
  auto preconditions = TRY(Preconditions::of(request));
  TRY(require_living_here(match, deps));
  const Call call{request, std::move(match.parameters), std::move(caller), deps, now, std::move(preconditions)};
  Response response = TRY(match.route->handle(call));
  response.durable |= request.method != "GET";
  return response;
}

}  // namespace

const std::vector<const Route*>& all_routes() {
  static const std::vector<const Route*> kRoutes = [] {
    std::vector<const Route*> out;
    for (const auto* table :
         {&device_routes(),  &est_routes(),     &thing_routes(),    &certificate_routes(), &reference_routes(),
          &release_routes(), &access_routes(),  &approval_routes(), &audit_routes(),       &authority_routes(),
          &catalog_routes(), &moving_routes(),  &claim_routes(),    &fleet_routes(),       &policy_routes(),
          &product_routes(), &service_routes(), &webhook_routes(),  &image_routes(),       &rollout_routes(),
          &freeze_routes()}) {
      for (const Route& route : *table) out.push_back(&route);
    }
    return out;
  }();
  return kRoutes;
}

Response Gateway::handle(const Request& request, WallTime now, Served& served) {
  served.trace = request.trace.empty() ? traces_.next() : request.trace;
  TracedStore store(deps_.store, served.trace);
  Deps deps{store,           deps_.random,   deps_.keyring, deps_.issuers,
            deps_.documents, deps_.settings, deps_.metrics, deps_.images};
  auto answered = answer(request, served, deps, now);
  if (!answered) served.error = answered.error();
  Response response = answered ? *std::move(answered) : problem(*served.error, served.trace);
  served.status = response.status;
  deps_.metrics.count(kRequests, served.route, cat(response.status));
  if (response.status == 401) response.authenticate = challenge_of(request.port);
  // A refusal may have consumed something (a nonce), which must not come back.
  if (served.error) response.durable = request.method != "GET";
  return response;
}

}  // namespace holdfast::service::gateway
