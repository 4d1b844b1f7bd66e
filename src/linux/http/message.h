// What a handler is given and what it answers. A Request has passed every limit and syntax check of the server: its
// path begins with `/`, is still percent-encoded and holds no control characters. A Response that carries a header
// which is no token, or a value with a line break, is not sent (500 instead).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::linux::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  ///< HEAD arrives as GET; the server leaves the body out
  std::string path;    ///< up to the `?`
  std::string query;   ///< behind the `?`, without it
  Headers headers;     ///< lower-case names, in the order received
  Blob body;
  std::string source_address;              ///< of the peer, without port
  std::optional<Blob> client_certificate;  ///< leaf, DER, its key proven by the handshake

  /// The first header of that (lower-case) name, or null.
  const std::string* header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type{};
  Blob body{};
  Headers headers{};
  bool close = false;    ///< end the connection after this answer
  bool durable = false;  ///< send only after the flush called back; 503 if that failed
};

/// Synchronous; called from any of the server's threads, several at once.
using Handler = std::function<Response(Request)>;

/// Store::flush: calls back once everything written before is durable, from any thread, perhaps before it returns.
using Flush = std::function<void(std::function<void(Result<void>)>)>;

}  // namespace holdfast::linux::http
