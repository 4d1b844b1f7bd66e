#include "service/gateway/answers.h"

namespace holdfast::service::gateway {

Result<json::Value> body_of(const Call& call) { return json::parse(call.request.body, {.bytes_max = 2 * 1024 * 1024}); }

Response object_response(const Call& call, const json::Value& object) {
  const std::string etag = etag_of(object);
  Response out = call.preconditions.has_already(etag) ? Response{.status = 304} : json_response(200, object);
  out.etag = etag;
  return out;
}

Response list_response(json::Array items, std::optional<std::string> next) {
  json::Value out = json::Object{{"items", std::move(items)}};
  if (next) out.set("next", *std::move(next));
  return json_response(200, out);
}

json::Value time_or_null(const std::optional<WallTime>& time) {
  return time ? json::Value(to_rfc3339(*time)) : json::Value();
}

}  // namespace holdfast::service::gateway
