// Answers as bytes. Whatever a handler puts into a header, the answer stays one answer: a name that is no token or a
// value with control characters makes it a 500 without them (RFC 9110 §5.5, §5.6.2).
#pragma once

#include <optional>

#include "base/time.h"
#include "linux/http/message.h"

namespace holdfast::linux::http {

struct Framing {
  bool head_only = false;   ///< the request was HEAD: lengths as for GET, no body
  bool close = false;       ///< the connection ends with this answer
  std::string_view date{};  ///< http_date()
};

Blob write_response(const Response& response, const Framing& framing);

/// An answer of the server's own: a problem document (RFC 9457) as the service writes them, and Retry-After where it is
/// known. What went wrong inside is not told.
Response problem(int status, const Error& error, std::optional<Duration> retry_after = std::nullopt);

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
std::string http_date(WallTime time);

/// The same, written once a second.
class DateLine {
 public:
  /// Good until the next call.
  std::string_view at(WallTime time);

 private:
  std::optional<std::int64_t> second_;
  std::string text_;
};

}  // namespace holdfast::linux::http
