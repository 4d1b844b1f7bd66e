#include "linux/tls/acceptor.h"

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "base/text.h"
#include "linux/tls/identity_held.h"
#include "linux/tls/session_cache_held.h"

namespace holdfast::linux::tls {

/// An identity and the settings that show it.
struct Presented {
  std::shared_ptr<const HookedKey> key;  ///< outlives `settings`, which uses it
  TlsSettings settings;
};

struct Acceptor::Held {
  ports::Clock& clock;
  const AcceptorOptions options;
  SessionCache cache;
  std::mutex lock;
  std::shared_ptr<const Presented> presented;
};

namespace {

constexpr std::string_view kSessionScope = "holdfast";
/// What a device's certificate is signed with, and nothing else (RFC 8446 §4.2.3): other keys cost no verification.
constexpr const char* kClientSignatures = "ECDSA+SHA256";
constexpr const char* kCiphersOfTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305";

Acceptor::Held& acceptor_of(SSL_CTX* settings) { return *static_cast<Acceptor::Held*>(SSL_CTX_get_app_data(settings)); }
Acceptor::Held& acceptor_of(SSL* tls) { return acceptor_of(SSL_get_SSL_CTX(tls)); }

/// The id as the cache knows it; nothing for one that we have not made.
std::optional<SessionId> session_id(const unsigned char* bytes, std::size_t size) {
  if (size != kSessionIdBytes) return std::nullopt;
  SessionId id;
  std::copy_n(bytes, id.size(), id.begin());
  return id;
}

/// Called once per full handshake with a client certificate. That the key is the client's, CertificateVerify proves
/// afterwards; chain and names are not looked at, on purpose (see the header).
int judge_client(X509_STORE_CTX* chain, void*) {
  auto* tls = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const WallTime not_after = not_after_of(X509_STORE_CTX_get0_cert(chain));
  if (acceptor_of(tls).clock.wall_time() <= not_after) {
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_HAS_EXPIRED);
  held_of(tls).peer_refused =
      Error{Next::Denied, kTlsCertificateExpired,
            cat("expected a certificate that is valid now, saw one that ended ", to_rfc3339(not_after))};
  return 0;
}

int keep_session(SSL* tls, SSL_SESSION* session) {
  acceptor_of(tls).cache.put(Session(session), held_of(tls).resuming);
  return 1;  // the reference is ours now
}

SSL_SESSION* find_session(SSL* tls, const unsigned char* bytes, int size, int* copy) {
  *copy = 0;  // find() took a reference for libssl
  const auto id = session_id(bytes, static_cast<std::size_t>(size));
  Session found = id ? acceptor_of(tls).cache.find(*id) : nullptr;
  if (found) held_of(tls).resuming = id;
  return found.release();
}

void forget_session(SSL_CTX* settings, SSL_SESSION* session) {
  unsigned size = 0;
  const unsigned char* bytes = SSL_SESSION_get_id(session, &size);
  if (const auto id = session_id(bytes, size)) acceptor_of(settings).cache.erase(*id);
}

/// Tickets that are names of sessions in the cache (SSL_OP_NO_TICKET makes them so), one per connection.
void keep_sessions(SSL_CTX* settings, const AcceptorOptions& options) {
  if (options.sessions_max == 0) {
    SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(settings, 0);
    return;
  }
  SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_num_tickets(settings, 1);
  SSL_CTX_set_timeout(settings, static_cast<long>(options.session_life / seconds(1)));
  SSL_CTX_sess_set_new_cb(settings, keep_session);
  SSL_CTX_sess_set_get_cb(settings, find_session);
  SSL_CTX_sess_set_remove_cb(settings, forget_session);
}

void ask_for_client_certificate(SSL_CTX* settings) {
  SSL_CTX_set_verify(settings, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(settings, judge_client, nullptr);
  SSL_CTX_set_max_cert_list(settings, kClientCertificateBytesMax);
  CHECK_INVARIANT(SSL_CTX_set1_client_sigalgs_list(settings, kClientSignatures) == 1);
}

void let_tls12_in(SSL_CTX* settings) {
  CHECK_INVARIANT(SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION) == 1);
  CHECK_INVARIANT(SSL_CTX_set_cipher_list(settings, kCiphersOfTls12) == 1);
  SSL_CTX_set_options(settings, SSL_OP_NO_RENEGOTIATION);
}

/// `held` is found again by the callbacks.
Result<std::shared_ptr<const Presented>> show(const Identity& identity, Acceptor::Held& held) {
  auto shown = std::make_shared<Presented>();
  shown->settings = TRY(make_settings(TLS_server_method()));
  SSL_CTX* settings = shown->settings.get();
  OwnCertificate own = TRY(decode_identity(identity));
  shown->key = std::move(own.hooked);
  if (!own.show(settings)) return unfit("leaf");
  SSL_CTX_set_options(settings, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  CHECK_INVARIANT(SSL_CTX_set_session_id_context(settings, as_bytes(kSessionScope).data(),
                                                 static_cast<unsigned>(kSessionScope.size())) == 1);
  keep_sessions(settings, held.options);
  if (held.options.versions == Versions::Tls12AndTls13) let_tls12_in(settings);
  if (held.options.client_certificate == ClientCertificate::Requested) ask_for_client_certificate(settings);
  SSL_CTX_set_app_data(settings, &held);
  return shown;
}

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::make(const Identity& identity, const AcceptorOptions& options,
                                                 ports::Clock& clock) {
  CHECK_INVARIANT(options.sessions_max <= kSessionsMax && options.session_life <= kSessionLifeMax);
  CHECK_INVARIANT(options.versions == Versions::Tls13 || options.sessions_max == 0);
  std::unique_ptr<Held> held(
      new Held{clock, options, SessionCache(options.sessions_max, options.session_life, clock), {}, {}});
  std::unique_ptr<Acceptor> acceptor(new Acceptor(std::move(held)));
  TRY(acceptor->present(identity));
  return acceptor;
}

Acceptor::Acceptor(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Acceptor::~Acceptor() = default;

Result<Stream> Acceptor::accept(int socket) {
  std::unique_lock hold(held_->lock);
  const auto presented = held_->presented;
  hold.unlock();
  auto held = TRY(make_held(presented->settings.get(), socket));
  held->own_key = presented->key;
  SSL_set_accept_state(held->tls.get());
  return Stream(std::move(held));
}

Result<void> Acceptor::present(const Identity& identity) {
  auto presented = TRY(show(identity, *held_));
  const std::lock_guard hold(held_->lock);
  held_->presented.swap(presented);
  return {};
}

std::size_t Acceptor::sessions() const { return held_->cache.size(); }

}  // namespace holdfast::linux::tls
