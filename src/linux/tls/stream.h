// One TLS connection over a non-blocking socket that stays the caller's. No call ever waits: each says whether it is
// done or which readiness of the socket to wait for. Memory is small while idle (buffers are released). An error ends
// the stream; a peer that closes without close_notify has merely Ended, since HTTP frames its messages itself.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace holdfast::linux::tls {

inline constexpr Reason kTlsHandshakeFailed{"tls-handshake-failed"};
inline constexpr Reason kTlsPeerUnverified{"tls-peer-unverified"};          ///< wrong chain, name, pin or time
inline constexpr Reason kTlsCertificateExpired{"tls-certificate-expired"};  ///< the client's own
inline constexpr Reason kTlsRefusedByPeer{"tls-refused-by-peer"};           ///< a fatal alert came
inline constexpr Reason kTlsBroken{"tls-broken"};  ///< the connection failed after its handshake

enum class Progress { Done, WantsRead, WantsWrite, Ended };

struct Transfer {
  Progress progress = Progress::Done;
  std::size_t bytes = 0;  ///< above 0 only when Done
};

class Stream {
 public:
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  /// Keeps the session resumable unless the stream failed; sends nothing.
  ~Stream();

  /// Done may leave its last bytes to the write() or read() that follows.
  Result<Progress> handshake();
  Result<Transfer> read(std::span<std::uint8_t> into);
  /// May take less than all; a repeated call continues behind what was taken.
  Result<Transfer> write(Bytes from);
  /// Bytes are already here, so that waiting for the socket could wait for ever.
  bool has_pending() const;
  /// Sends close_notify if that is possible without waiting.
  void close();

  bool resumed() const;
  /// The peer's leaf, DER; its key was proven in this handshake or in the one that this session resumes.
  std::optional<Blob> peer_certificate() const;
  std::optional<WallTime> peer_not_after() const;

  struct Held;
  explicit Stream(std::unique_ptr<Held> held);

 private:
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::tls
