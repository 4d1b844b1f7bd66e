#include "base/result.h"

#include "base/text.h"

namespace holdfast {

std::string_view name_of(Next next) {
  switch (next) {
    case Next::Retry: return "retry";
    case Next::Rejected: return "rejected";
    case Next::NotFound: return "not-found";
    case Next::Corrupt: return "corrupt";
    case Next::Denied: return "denied";
    case Next::Exhausted: return "exhausted";
    case Next::Conflict: return "conflict";
  }
  return "unknown";
}

std::unexpected<Error> fail(Next next, Reason reason, std::string message) {
  return std::unexpected<Error>(Error{next, reason, std::move(message)});
}

std::unexpected<Error> fail_within(std::string_view where, Error error) {
  error.message = cat(where, ": ", error.message);
  return std::unexpected<Error>(std::move(error));
}

}  // namespace holdfast
