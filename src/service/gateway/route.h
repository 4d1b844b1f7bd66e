// One row of the route tables: where a request goes and whom it admits. There is no other way to a handler.
#pragma once

#include <map>
#include <span>

#include "service/deps.h"
#include "service/gateway/preconditions.h"
#include "service/request.h"

namespace holdfast::service::gateway {

inline constexpr Reason kQueryUnknown{"query-unknown"};

/// Whom a route admits.
enum class Admits {
  Anyone,       ///< the request proves itself: a ticket, an attestation key, a link; or there is nothing to protect
  Device,       ///< a client or an update certificate in force
  Operator,     ///< a token with the route's scope for the route's catalog
  AnyOperator,  ///< a token with the route's scope, of whatever catalog: the answer holds nothing of another's
};

/// A request that was admitted.
struct Call {
  const Request& request;
  std::map<std::string, std::string, std::less<>> parameters;  ///< of the pattern, e.g. `catalog`
  Caller caller;
  Deps& deps;
  WallTime now;
  Preconditions preconditions;

  const std::string& parameter(std::string_view name) const { return parameters.find(name)->second; }
  /// The pattern's `{number}`, from 1 on.
  Result<std::int64_t> number() const;
  /// A value of the query string, decoded; empty where there is none.
  std::string query(std::string_view name) const;
  Result<std::int64_t> query_integer(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                     std::int64_t max) const;
  Result<std::optional<WallTime>> query_time(std::string_view name) const;  ///< RFC 3339
  /// The position among `words`; none where the query does not say.
  Result<std::optional<std::size_t>> query_word(std::string_view name, std::span<const std::string_view> words) const;
};

struct Route {
  Port port;
  std::string_view method;
  std::string_view pattern;  ///< `/v1/catalogs/{catalog}/devices/{device}`
  Admits admits;
  Scope scope = Scope::Own;  ///< for operators
  Result<Response> (*handle)(const Call& call);
  std::string_view queries = {};  ///< names that the query may have, `after limit`; at the management port all others
                                  ///< are refused, so that a filter with a typing error does not find everything
  bool goes_on = false;           ///< though it changes something, also in a catalog that lives elsewhere now
};

/// Refuses what `route` does not know, and what is there twice.
Result<void> require_queries(const Request& request, const Route& route);

/// The tables, each in a file of its own.
const std::vector<Route>& device_routes();
const std::vector<Route>& est_routes();
const std::vector<Route>& access_routes();
const std::vector<Route>& approval_routes();
const std::vector<Route>& audit_routes();
const std::vector<Route>& authority_routes();
const std::vector<Route>& catalog_routes();
const std::vector<Route>& certificate_routes();
const std::vector<Route>& claim_routes();
const std::vector<Route>& fleet_routes();
const std::vector<Route>& image_routes();
const std::vector<Route>& moving_routes();
const std::vector<Route>& policy_routes();
const std::vector<Route>& product_routes();
const std::vector<Route>& reference_routes();
const std::vector<Route>& release_routes();
const std::vector<Route>& rollout_routes();
const std::vector<Route>& freeze_routes();
const std::vector<Route>& service_routes();
const std::vector<Route>& thing_routes();
const std::vector<Route>& webhook_routes();

}  // namespace holdfast::service::gateway
