#include "service/request.h"

#include "base/text.h"

namespace holdfast::service {
namespace {

int status_of(const Error& error) {
  switch (error.next) {
    case Next::Rejected: return error.reason == kIdempotencyKeyReused ? 422 : 400;
    case Next::Denied: return error.reason == kCallerUnknown ? 401 : 403;
    case Next::NotFound: return 404;
    case Next::Conflict: return error.reason == kPreconditionFailed ? 412 : 409;
    case Next::Exhausted: return 429;
    case Next::Retry: return 503;
    case Next::Corrupt: return 500;
  }
  return 500;
}

}  // namespace

Response json_response(int status, const json::Value& value) {
  return {.status = status, .body = to_blob(as_bytes(json::dump(value))), .retry_after = {}};
}

Response problem(const Error& error, std::string_view trace) { return problem(error, status_of(error), trace); }

Response problem(const Error& error, int status, std::string_view trace) {
  // What went wrong inside is for the log; the caller learns that it was not their doing.
  const std::string detail = status == 500 ? "the service found damaged state; see its log" : error.message;
  json::Value body = json::Object{{"type", cat("urn:holdfast:problem:", error.reason.word())},
                                  {"title", error.reason.word()},
                                  {"status", status},
                                  {"detail", detail},
                                  {"reason", error.reason.word()}};
  if (!trace.empty()) body.set("trace", trace);
  Response out = json_response(status, body);
  out.content_type = "application/problem+json";
  if (status == 429 || status == 503) out.retry_after = seconds(5);
  return out;
}

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::Read: return "read";
    case Scope::Operate: return "operate";
    case Scope::Own: return "own";
  }
  return "unknown";
}

Result<Scope> parse_scope(std::string_view word) {
  for (const Scope scope : {Scope::Read, Scope::Operate, Scope::Own}) {
    if (word == name_of(scope)) return scope;
  }
  return fail(Next::Rejected, kInputMalformed,
              cat("expected the scope read, operate or own, saw '", printable(word), "'"));
}

std::string actor_of(const Caller& caller) {
  if (const auto* device = std::get_if<DeviceCaller>(&caller)) return cat("device:", device->device);
  if (const auto* person = std::get_if<OperatorCaller>(&caller)) return cat("operator:", person->name);
  return "anonymous";
}

}  // namespace holdfast::service
