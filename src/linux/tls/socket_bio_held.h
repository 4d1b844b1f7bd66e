// How libssl reaches a socket. OpenSSL's own socket BIO (SSL_set_fd) writes with write(2), which raises SIGPIPE once
// the peer has gone; this one sends with MSG_NOSIGNAL, so that no program has to change its signals to use us.
#pragma once

#include <openssl/bio.h>

#include "base/bytes.h"

namespace holdfast::linux::tls {

/// A non-blocking socket, which stays the caller's, and what waits to leave together with what comes next: the last of
/// a handshake with the request, a session's ticket with the answer.
struct Line {
  int socket = -1;
  bool gathers = false;
  Blob gathered = {};

  enum class Sent { All, Part, Failed };  ///< Failed: with errno
  Sent flush();
};

/// A BIO over a line, which outlives it; null when memory is out.
BIO* make_socket_bio(Line& line);

}  // namespace holdfast::linux::tls
