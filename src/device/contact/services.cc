#include "device/contact/services.h"

#include "base/json/value.h"
#include "base/text.h"

namespace holdfast::device::contact {
namespace {

/// What a problem document (RFC 9457) says, or how many bytes there were instead.
std::string said(Bytes body) {
  const auto problem = json::parse(body, {.bytes_max = 16 * 1024});
  std::string out;
  for (const char* member : {"reason", "detail"}) {
    const json::Value* value = problem ? problem->find(member) : nullptr;
    const std::string* text = value ? value->text() : nullptr;
    if (text == nullptr || text->empty()) continue;
    if (!out.empty()) out += ": ";
    out += printable(*text, kSaidBytesMax);
  }
  return out.empty() ? cat(body.size(), " bytes that are no problem document") : out;
}

std::unexpected<Error> refusal(const std::string& service, const Call& call, const ports::NetAnswer& answer) {
  const std::string sentence = cat(call.method, ' ', call.path, " at ", printable(service),
                                   ": expected status 200, saw ", answer.status, ", ", said(answer.body));
  switch (answer.status) {
    case 401:
    case 403: return fail(Next::Denied, kServiceDenied, sentence);
    case 404: return fail(Next::NotFound, kServiceNotFound, sentence);
    case 429: return fail(Next::Exhausted, kServiceBusy, sentence);
    case 503: return fail(Next::Retry, kServiceBusy, sentence);
    default: break;
  }
  const bool is_ours = answer.status >= 400 && answer.status < 500;
  return is_ours ? fail(Next::Rejected, kServiceRejected, sentence) : fail(Next::Retry, kServiceFailed, sentence);
}

}  // namespace

bool heals_by_waiting(const Error& error) { return error.next == Next::Retry || error.next == Next::Exhausted; }

bool is_denial(const Error& error) { return error.reason == kServiceDenied || error.reason == kServiceNotFound; }

Result<Blob> Services::call(const Call& call) {
  asked_to_wait_.reset();
  Result<Blob> told = fail(Next::Rejected, kServiceUnnamed, "expected the name of a service, saw none");
  for (const std::string& service : call.services) {
    const auto answer = net_.exchange({.service = service,
                                       .peer = call.peer,
                                       .identity = call.identity,
                                       .method = call.method,
                                       .path = call.path,
                                       .body = call.body});
    if (answer && answer->status == 200) return answer->body;
    if (answer) {
      asked_to_wait_ = answer->retry_after;
      told = refusal(service, call, *answer);
      // Whatever one service decided stands; the next one is asked only when this one could not decide.
      if (told.error().next != Next::Retry) return told;
    } else if (told.error().reason == kServiceUnnamed || answer.error().reason != ports::kNetUnreachable) {
      // "Unreachable" says the least, so that it never hides what another service's failure told.
      told = fail_within(cat(call.method, ' ', call.path, " at ", printable(service)), answer.error());
    }
  }
  return told;
}

}  // namespace holdfast::device::contact
