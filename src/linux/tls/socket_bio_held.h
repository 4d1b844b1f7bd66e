// How libssl reaches a socket. OpenSSL's own socket BIO (SSL_set_fd) writes with write(2), which raises SIGPIPE once
// the peer has gone; this one sends with MSG_NOSIGNAL, so that no program has to change its signals to use us.
#pragma once

#include <openssl/bio.h>

namespace holdfast::linux::tls {

/// A BIO over a non-blocking socket, which stays the caller's; null when memory is out.
BIO* make_socket_bio(int socket);

}  // namespace holdfast::linux::tls
