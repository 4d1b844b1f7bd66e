#include "service/gateway/traces.h"

#include <doctest/doctest.h>

#include <set>

namespace holdfast::service::gateway {

TEST_CASE("traces of one seed are all different, each fit to be sent, and none is of another seed") {
  Traces traces{{}};
  Traces others{{1}};
  std::set<wire::Trace> seen;
  for (int i = 0; i < 1'000; ++i) {
    for (const wire::Trace& trace : {traces.next(), others.next()}) {
      CHECK(wire::trace_of(wire::traceparent(trace)) == trace);
      CHECK(seen.insert(trace).second);
    }
  }
}

}  // namespace holdfast::service::gateway
