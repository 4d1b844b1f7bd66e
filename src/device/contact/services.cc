#include "device/contact/services.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "wire/problem.h"

namespace holdfast::device::contact {
namespace {

bool is_among(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

std::unexpected<Error> refusal(const std::string& service, const Call& call, const ports::NetAnswer& answer) {
  const auto problem = wire::Problem::decode(answer.body);
  const std::string_view word = problem ? std::string_view(problem->reason) : std::string_view();
  std::string said = problem ? cat(printable(word, kSaidBytesMax), ": ", printable(problem->detail, kSaidBytesMax))
                             : cat(answer.body.size(), " bytes that are no problem document");
  std::string sentence = cat(call.method, ' ', call.path, " at ", printable(service), ": expected status 200, saw ",
                             answer.status, ", ", said);
  const bool is_refused = answer.status >= 400 && answer.status < 500;
  if (is_refused && is_among(word, wire::kAskAgain)) {
    return fail(Next::Conflict, kServiceAsksAgain, std::move(sentence));
  }
  if (is_refused && is_among(word, wire::kMoved)) return fail(Next::Retry, kServiceMoved, std::move(sentence));
  if (is_refused && is_among(word, wire::kDisowned)) return fail(Next::Denied, kServiceDisowns, std::move(sentence));
  switch (answer.status) {
    case 400: return fail(Next::Rejected, kServiceMisunderstands, std::move(sentence));
    case 401:
    case 403: return fail(Next::Denied, kServiceDenied, std::move(sentence));
    case 404: return fail(Next::NotFound, kServiceNotFound, std::move(sentence));
    case 429: return fail(Next::Exhausted, kServiceBusy, std::move(sentence));
    case 408:
    case 425:
    case 503: return fail(Next::Retry, kServiceBusy, std::move(sentence));
    default: break;
  }
  return is_refused ? fail(Next::Rejected, kServiceRejected, std::move(sentence))
                    : fail(Next::Retry, kServiceFailed, std::move(sentence));
}

/// What the answer gives of what was asked for; nothing where it is a refusal (RFC 9110 §14, §15.5.17).
std::optional<Blob> given(const Call& call, ports::NetAnswer& answer) {
  if (!call.range) return answer.status == 200 ? std::optional(std::move(answer.body)) : std::nullopt;
  if (answer.status == 416) return Blob();
  const std::size_t skipped =
      answer.status == 206 ? 0 : static_cast<std::size_t>(std::min(call.range->offset, std::ssize(answer.body)));
  if (answer.status != 206 && answer.status != 200) return std::nullopt;
  const Bytes part = Bytes(answer.body).subspan(skipped);
  if (skipped == 0 && part.size() <= call.range->bytes) return std::move(answer.body);
  return to_blob(part.first(std::min(part.size(), call.range->bytes)));
}

}  // namespace

bool heals_by_waiting(const Error& error) {
  return error.next == Next::Retry || error.next == Next::Exhausted || error.next == Next::Conflict;
}

Result<Blob> Services::call(const Call& call) {
  asked_to_wait_.reset();
  Result<Blob> told = fail(Next::Rejected, kServiceUnnamed, "expected the name of a service, saw none");
  for (const std::string& service : call.services) {
    auto answer = net_.exchange({.service = service,
                                 .peer = call.peer,
                                 .identity = call.identity,
                                 .method = call.method,
                                 .path = call.path,
                                 .body = call.body,
                                 .trace = trace_,
                                 .range = call.range,
                                 .earliest = earliest_});
    if (answer) {
      if (auto body = given(call, *answer)) return *std::move(body);
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
