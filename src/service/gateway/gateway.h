// The one door of the service: finds the route, finds out who calls, checks that the route admits them, and answers. A
// request that no route names is refused before anything is looked at.
#pragma once

#include <optional>
#include <string>

#include "service/gateway/route.h"
#include "service/gateway/traces.h"

namespace holdfast::service::gateway {

inline constexpr Reason kRouteUnknown{"route-unknown"};
inline constexpr Reason kMethodUnknown{"method-unknown"};

/// Every route there is, of every port.
const std::vector<const Route*>& all_routes();

/// What is to be said of a request that was answered.
struct Served {
  std::string trace;
  std::string_view route = "none";  ///< its pattern
  std::string caller;               ///< actor_of()
  int status = 0;
  std::optional<Error> error;  ///< why it was refused; of status 500 and above the caller is told no more than that
};

class Gateway {
 public:
  explicit Gateway(Deps& deps) : deps_(deps), traces_(ports::random_array<wire::kTraceBytes>(deps.random)) {}

  /// Safe to call from many threads.
  Response handle(const Request& request, WallTime now, Served& served);
  Response handle(const Request& request, WallTime now) {
    Served served;
    return handle(request, now, served);
  }

 private:
  Deps& deps_;
  Traces traces_;
};

}  // namespace holdfast::service::gateway
