#include "programs/holdfastd/exchange.h"

#include <chrono>
#include <optional>

#include "base/text.h"
#include "wire/trace.h"

namespace holdfast::programs {

namespace http = linux::http;

namespace {

/// A header that came in several lines is one list (RFC 9110 §5.3).
std::optional<std::string> joined(const http::Request& request, std::string_view name) {
  std::optional<std::string> out;
  for (const auto& [one, value] : request.headers) {
    if (one == name) out = out ? cat(*out, ", ", value) : value;
  }
  return out;
}

}  // namespace

service::Request to_service(service::Port port, http::Request request) {
  service::Request out{.port = port,
                       .method = std::move(request.method),
                       .path = std::move(request.path),
                       .query = std::move(request.query),
                       .authorization = {},
                       .body = std::move(request.body),
                       .source = std::move(request.source_address),
                       .client_certificate = std::move(request.client_certificate),
                       .trace = {}};
  if (const std::string* value = request.header("authorization")) out.authorization = *value;
  if (const std::string* value = request.header(wire::kTraceHeader)) out.trace = wire::trace_of(*value).value_or("");
  out.idempotency_key = joined(request, "idempotency-key");
  out.if_match = joined(request, "if-match");
  out.if_none_match = joined(request, "if-none-match");
  out.range = joined(request, "range");
  return out;
}

http::Response from_service(service::Response response) {
  http::Response out{
      .status = response.status, .content_type = std::move(response.content_type), .body = std::move(response.body)};
  out.durable = response.durable;
  // Nothing here is a page, and an answer is its caller's own and not for a cache unless it says so.
  const std::string cacheable = response.fresh_for
                                    ? cat("public, max-age=", std::chrono::floor<seconds>(*response.fresh_for).count())
                                    : "no-store";
  out.headers = {{"cache-control", cacheable}, {"x-content-type-options", "nosniff"}};
  if (!response.allow.empty()) out.headers.emplace_back("allow", std::move(response.allow));
  if (!response.authenticate.empty()) out.headers.emplace_back("www-authenticate", std::move(response.authenticate));
  if (response.is_base64) out.headers.emplace_back("content-transfer-encoding", "base64");
  if (!response.etag.empty()) out.headers.emplace_back("etag", std::move(response.etag));
  if (!response.content_range.empty()) out.headers.emplace_back("content-range", std::move(response.content_range));
  if (response.replayed) out.headers.emplace_back("idempotency-replayed", "true");
  if (response.retry_after) {
    out.headers.emplace_back("retry-after", cat(std::chrono::duration_cast<seconds>(*response.retry_after).count()));
  }
  return out;
}

}  // namespace holdfast::programs
