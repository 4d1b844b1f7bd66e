// The server's side of TLS 1.3, or of 1.2 too where old clients are let in. Any well-formed, unexpired P-256 client
// leaf is accepted once its key is proven by CertificateVerify: who may do what is decided per request, by looking the
// leaf's SHA-256 up in the store, never from a chain here. Sessions are kept in memory, bounded in number and life, and
// never resumed past the certificate's notAfter. Refuses older versions, renegotiation, early data, and client
// certificate messages above 8 KiB.
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

/// Tls12: with ECDHE and an AEAD alone, without resumption. The extended master secret is used with every client that
/// offers it; what it protects (resumption, renegotiation, channel bindings) there is not on such a listener.
enum class Versions { Tls13, Tls12AndTls13 };

struct AcceptorOptions {
  ClientCertificate client_certificate = ClientCertificate::None;
  Versions versions = Versions::Tls13;
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
