// The one door of the service: finds the route, finds out who calls, checks that the route admits them, and answers. A
// request that no route names is refused before anything is looked at.
#pragma once

#include <functional>

#include "service/gateway/route.h"

namespace holdfast::service::gateway {

inline constexpr Reason kRouteUnknown{"route-unknown"};
inline constexpr Reason kMethodUnknown{"method-unknown"};

/// Every route there is, of every port.
const std::vector<const Route*>& all_routes();

/// Told of every failure that was no fault of the caller's (status 500 and above), which the caller is not told more
/// about. Called from any thread.
using Trouble = std::function<void(const Request& request, const Error& error)>;

class Gateway {
 public:
  explicit Gateway(Deps& deps, Trouble trouble = {}) : deps_(deps), trouble_(std::move(trouble)) {}

  /// Safe to call from many threads.
  Response handle(const Request& request, WallTime now);

 private:
  /// `route` is the pattern that was found.
  Result<Response> answer(const Request& request, std::string_view& route, WallTime now);
  Result<Caller> caller_of(const Request& request, const Route& route, WallTime now);

  Deps& deps_;
  const Trouble trouble_;
};

}  // namespace holdfast::service::gateway
