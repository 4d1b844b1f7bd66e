// Values of If-Match and If-None-Match: whatever is taken lets an object pass by its own tag or by `*`, never by less.
#include <cstdint>

#include "base/check.h"
#include "service/gateway/preconditions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  namespace gateway = service::gateway;
  const std::string header(as_text(Bytes(data, size)));
  const json::Value object = json::Object{{"name", "gateway"}};
  service::Request request;
  request.if_match = header;
  const auto match = gateway::Preconditions::of(request);
  if (!match) return 0;
  const bool may_pass =
      header.find('*') != std::string::npos || header.find(gateway::etag_of(object)) != std::string::npos;
  CHECK_INVARIANT(may_pass || !match->require(object));
  CHECK_INVARIANT(!match->require({}));
  CHECK_INVARIANT(match->require_looked_at());
  request.if_match.reset();
  request.if_none_match = header;
  const auto none_match = gateway::Preconditions::of(request);
  CHECK_INVARIANT(none_match && none_match->require({}));
  CHECK_INVARIANT(none_match->has_already(gateway::etag_of(object)) != none_match->require(object).has_value());
  return 0;
}
