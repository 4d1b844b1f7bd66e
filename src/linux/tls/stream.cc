#include "linux/tls/stream.h"

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/tls/hooked_key_held.h"
#include "linux/tls/openssl_held.h"

namespace holdfast::linux::tls {
namespace {

/// The description of an alert that the peer sent.
std::optional<int> alert_of_peer(unsigned long code) {
  if (ERR_GET_LIB(code) != ERR_LIB_SSL || ERR_GET_REASON(code) < SSL_AD_REASON_OFFSET) return std::nullopt;
  return ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET;
}

/// What a call of libssl that did not succeed means, when it is not a failure.
std::optional<Progress> progress_of(const SSL* tls, int returned) {
  switch (SSL_get_error(tls, returned)) {
    case SSL_ERROR_WANT_READ: return Progress::WantsRead;
    case SSL_ERROR_WANT_WRITE: return Progress::WantsWrite;
    case SSL_ERROR_ZERO_RETURN: return Progress::Ended;
    default: break;
  }
  // Some (strongSwan) say goodbye at the level of a fatal alert, which is goodbye all the same.
  const bool is_goodbye = alert_of_peer(ERR_peek_last_error()) == SSL_AD_CLOSE_NOTIFY;
  return is_goodbye ? std::optional(Progress::Ended) : std::nullopt;
}

std::unexpected<Error> broken(Reason reason, std::string_view while_doing) {
  const int os_error = errno;
  const unsigned long code = ERR_peek_last_error();
  if (alert_of_peer(code)) {
    return fail(Next::Denied, kTlsRefusedByPeer, cat("expected to ", while_doing, ", saw the peer's ", last_reason()));
  }
  const std::string seen = code != 0 ? last_reason() : os_error != 0 ? std::strerror(os_error) : "the end";
  return fail(Next::Retry, reason, cat("expected to ", while_doing, ", saw: ", seen));
}

std::unexpected<Error> handshake_failure(Stream::Held& held) {
  if (held.own_key != nullptr) {
    if (auto error = held.own_key->take_error()) {
      ERR_clear_error();
      return std::unexpected(std::move(*error));
    }
  }
  if (held.peer_refused) {
    ERR_clear_error();
    return std::unexpected(*held.peer_refused);
  }
  const long verified = SSL_get_verify_result(held.tls.get());
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return fail(Next::Denied, kTlsPeerUnverified,
                cat("expected a peer that its certificate proves, saw: ", X509_verify_cert_error_string(verified)));
  }
  return broken(kTlsHandshakeFailed, "finish a handshake of TLS 1.3, or of what else is let in");
}

void prepare() {
  ERR_clear_error();
  errno = 0;
}

/// What was held back goes alone, before `progress` is waited for.
Result<Progress> after_flush(Stream::Held& held, Progress progress) {
  prepare();
  switch (held.line.flush()) {
    case Line::Sent::All: return progress;
    case Line::Sent::Part: return Progress::WantsWrite;
    case Line::Sent::Failed: break;
  }
  held.failed = true;
  return broken(kTlsBroken, "write");
}

}  // namespace

/// OpenSSL takes a session that is freed without a closed connection for a broken one and forgets it; one that did not
/// fail is said to be closed both ways.
Stream::Held::~Held() {
  if (tls && !failed) SSL_set_shutdown(tls.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Stream::Stream(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

Result<Progress> Stream::handshake() {
  if (TRY(after_flush(*held_, Progress::Done)) != Progress::Done) return Progress::WantsWrite;
  held_->line.gathers = true;
  const int returned = SSL_do_handshake(held_->tls.get());
  held_->line.gathers = false;
  if (returned == 1) {
    held_->finished = true;
    return Progress::Done;
  }
  const auto progress = progress_of(held_->tls.get(), returned);
  if (progress && *progress != Progress::Ended) return after_flush(*held_, *progress);
  held_->failed = true;
  auto failure = handshake_failure(*held_);
  held_->line.flush();  // an alert says why
  return failure;
}

Result<Transfer> Stream::read(std::span<std::uint8_t> into) {
  prepare();
  std::size_t got = 0;
  const int returned = SSL_read_ex(held_->tls.get(), into.data(), into.size(), &got);
  if (returned == 1) return Transfer{Progress::Done, got};
  const auto progress = progress_of(held_->tls.get(), returned);
  if (progress == Progress::Ended) return Transfer{Progress::Ended, 0};
  if (progress) {
    const Progress next = TRY(after_flush(*held_, *progress));
    return Transfer{next, 0};
  }
  held_->failed = true;
  return broken(kTlsBroken, "read");
}

Result<Transfer> Stream::write(Bytes from) {
  prepare();
  std::size_t put = 0;
  const int returned = SSL_write_ex(held_->tls.get(), from.data(), from.size(), &put);
  if (returned == 1) return Transfer{Progress::Done, put};
  if (const auto progress = progress_of(held_->tls.get(), returned)) return Transfer{*progress, 0};
  held_->failed = true;
  return broken(kTlsBroken, "write");
}

bool Stream::has_pending() const { return SSL_has_pending(held_->tls.get()) == 1; }

void Stream::close() {
  if (!held_->finished || held_->failed) return;
  prepare();
  SSL_shutdown(held_->tls.get());
  ERR_clear_error();
}

bool Stream::resumed() const { return SSL_session_reused(held_->tls.get()) == 1; }

std::optional<Blob> Stream::peer_certificate() const {
  const X509* peer = SSL_get0_peer_certificate(held_->tls.get());
  if (peer == nullptr) return std::nullopt;
  return encode_certificate(peer);
}

std::optional<WallTime> Stream::peer_not_after() const {
  const X509* peer = SSL_get0_peer_certificate(held_->tls.get());
  if (peer == nullptr) return std::nullopt;
  return not_after_of(peer);
}

}  // namespace holdfast::linux::tls
