// What the .cc files of this directory share of libssl: owners for its objects, its errors as ours, and the state of a
// stream. OpenSSL keeps failures in a queue per thread: it is emptied before every call that asks SSL_get_error, and
// after every failure.
#pragma once

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "linux/tls/identity.h"
#include "linux/tls/socket_bio_held.h"
#include "linux/tls/stream.h"

namespace holdfast::linux::tls {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using TlsSettings = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Freer<SSL_free>>;
using Session = std::unique_ptr<SSL_SESSION, Freer<SSL_SESSION_free>>;
using X509Certificate = std::unique_ptr<X509, Freer<X509_free>>;
inline void free_all(STACK_OF(X509) * certificates) { sk_X509_pop_free(certificates, X509_free); }
using Certificates = std::unique_ptr<STACK_OF(X509), Freer<free_all>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

inline constexpr std::size_t kSessionIdBytes = 32;
using SessionId = ByteArray<kSessionIdBytes>;

class HookedKey;
class PeerSettings;

/// The newest session of a connector, which its streams put there.
struct KeptSession {
  Session session;
  std::string host;
};

struct Stream::Held {
  Line line;                                 ///< outlives `tls`
  std::shared_ptr<const HookedKey> own_key;  ///< outlives `tls`, which uses it; its error explains a failed handshake
  std::shared_ptr<const PeerSettings> peer;  ///< of a client's side; outlives `tls`
  std::shared_ptr<KeptSession> kept;         ///< of a client's side
  Tls tls;
  bool finished = false;  ///< the handshake is
  bool failed = false;
  std::optional<SessionId> resuming;  ///< the cached session that the client has named
  std::optional<Error> peer_refused;  ///< why our own check refused the peer
  ~Held();
};

/// The Held of a stream, from inside a callback of libssl.
Stream::Held& held_of(SSL* tls);
/// A stream over `socket` in neither role yet.
Result<std::unique_ptr<Stream::Held>> make_held(SSL_CTX* settings, int socket);

/// TLS 1.3 alone, small while idle, its own cipher order; for either side.
Result<TlsSettings> make_settings(const SSL_METHOD* method);

/// The last of OpenSSL's reasons as text; empties the queue.
std::string last_reason();

Result<X509Certificate> decode_certificate(Bytes der);
Blob encode_certificate(const X509* certificate);
WallTime not_after_of(const X509* certificate);

}  // namespace holdfast::linux::tls
