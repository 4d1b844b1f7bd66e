// The server's side of TLS 1.3. Any well-formed, unexpired P-256 client leaf is accepted once its key is proven by
// CertificateVerify: who may do what is decided per request, by looking the leaf's SHA-256 up in the store, never from
// a chain here. Sessions are kept in memory, bounded in number and life, and never resumed past the certificate's
// notAfter. Refuses TLS 1.2 and older, renegotiation, early data, and client certificate messages above 8 KiB.
#pragma once

#include <memory>

#include "linux/tls/identity.h"
#include "linux/tls/stream.h"
#include "ports/clock.h"

namespace holdfast::linux::tls {

inline constexpr std::size_t kClientCertificateBytesMax = 8 * 1024;
inline constexpr std::size_t kSessionsMax = 1'000'000;
inline constexpr Duration kSessionLifeMax = days(7);  ///< RFC 8446 §4.6.1

enum class ClientCertificate { None, Requested };

struct AcceptorOptions {
  ClientCertificate client_certificate = ClientCertificate::None;
  std::size_t sessions_max = 131'072;  ///< the oldest go first; 0 switches resumption off
  Duration session_life = hours(24);
};

class Acceptor {
 public:
  /// `clock` must outlive the acceptor, and the acceptor its streams. Safe to use from many threads.
  static Result<std::unique_ptr<Acceptor>> make(const Identity& identity, const AcceptorOptions& options,
                                                ports::Clock& clock);
  ~Acceptor();

  /// A stream over `socket` (non-blocking), its handshake still to be driven.
  Result<Stream> accept(int socket);

  /// From the next accept() on. Streams go on as they are and sessions can still be resumed.
  Result<void> present(const Identity& identity);

  /// Sessions kept at this moment.
  std::size_t sessions() const;

  struct Held;

 private:
  explicit Acceptor(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::tls
