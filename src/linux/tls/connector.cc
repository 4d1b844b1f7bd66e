#include "linux/tls/connector.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/text.h"
#include "linux/tls/identity_held.h"

namespace holdfast::linux::tls {

struct Connector::Held {
  Peer peer;
  std::optional<WallTime> own_not_after;
  std::shared_ptr<const HookedKey> key;  ///< outlives `settings`, which uses it
  TlsSettings settings;
  Session session;  ///< the newest ticket
  std::string session_host;
};

namespace {

Connector::Held& connector_of(SSL* tls) {
  return *static_cast<Connector::Held*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
}

bool has_digest(const X509* certificate, const Digest256& wanted) {
  Digest256 seen{};
  unsigned size = 0;
  return X509_digest(certificate, EVP_sha256(), seen.data(), &size) == 1 && seen == wanted;
}

/// OpenSSL's chain check with one anchor: the certificate of that digest, out of what the peer sent.
int judge_under(X509_STORE_CTX* chain, const Digest256& ca_sha256) {
  STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(chain);
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    X509* certificate = sk_X509_value(sent, i);
    if (!has_digest(certificate, ca_sha256)) continue;
    STACK_OF(X509)* anchors = sk_X509_new_null();
    CHECK_INVARIANT(anchors != nullptr && sk_X509_push(anchors, certificate) == 1);
    X509_STORE_CTX_set0_trusted_stack(chain, anchors);
    const int verified = X509_verify_cert(chain);
    sk_X509_free(anchors);
    return verified;
  }
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return 0;
}

/// In the place of OpenSSL's chain check, for peers that are not to be under a CA that we hold.
int judge_pinned(X509_STORE_CTX* chain, void*) {
  auto* tls = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const Peer& peer = connector_of(tls).peer;
  if (const auto* under = std::get_if<PeerUnderDigest>(&peer)) return judge_under(chain, under->service_ca_sha256);
  X509_STORE_CTX_set_error(chain, X509_V_OK);
  if (std::holds_alternative<PeerUnverified>(peer)) return 1;
  if (has_digest(X509_STORE_CTX_get0_cert(chain), std::get<PeerPinned>(peer).certificate_sha256)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return 0;
}

bool must_name_host(const Peer& peer) {
  return !std::holds_alternative<PeerPinned>(peer) && !std::holds_alternative<PeerUnverified>(peer);
}

int keep_session(SSL* tls, SSL_SESSION* session) {
  connector_of(tls).session.reset(session);
  return 1;  // the reference is ours now
}

Result<void> trust_ca(SSL_CTX* settings, Bytes ca_der) {
  const X509Certificate ca = TRY(decode_certificate(ca_der));
  if (X509_STORE_add_cert(SSL_CTX_get_cert_store(settings), ca.get()) != 1) {
    return fail(Next::Rejected, kTlsIdentityMalformed, cat("expected a CA certificate, saw: ", last_reason()));
  }
  return {};
}

Result<void> trust_public_cas(SSL_CTX* settings) {
  if (SSL_CTX_set_default_verify_paths(settings) == 1) return {};
  return fail(Next::Rejected, kTlsIdentityMalformed, cat("expected this machine's CAs, saw: ", last_reason()));
}

bool is_address(const std::string& host) {
  in6_addr scratch;
  return inet_pton(AF_INET, host.c_str(), &scratch) == 1 || inet_pton(AF_INET6, host.c_str(), &scratch) == 1;
}

/// RFC 9525: the name or address has to be in the subject alternative names; the subject is not looked at.
bool expect_host(SSL* tls, const std::string& host, WallTime now) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(tls);
  X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(now.whole_seconds()));
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return (is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str())
                           : X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size())) == 1;
}

/// A resumed handshake shows no certificate, so the dates of both are looked at here.
bool is_usable(const Connector::Held& held, const std::string& host, WallTime now) {
  if (!held.session || held.session_host != host || SSL_SESSION_is_resumable(held.session.get()) != 1) return false;
  const X509* peer = SSL_SESSION_get0_peer(held.session.get());
  return peer != nullptr && now <= not_after_of(peer) && (!held.own_not_after || now <= *held.own_not_after);
}

}  // namespace

Result<std::unique_ptr<Connector>> Connector::make(const Peer& peer, const std::optional<Identity>& identity) {
  TlsSettings settings = TRY(make_settings(TLS_client_method()));
  SSL_CTX_set_verify(settings.get(), SSL_VERIFY_PEER, nullptr);
  if (const auto* under = std::get_if<PeerUnder>(&peer)) {
    TRY(trust_ca(settings.get(), under->service_ca));
  } else if (std::holds_alternative<PeerPublic>(peer)) {
    TRY(trust_public_cas(settings.get()));
  } else {
    SSL_CTX_set_cert_verify_callback(settings.get(), judge_pinned, nullptr);
  }
  SSL_CTX_set_session_cache_mode(settings.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(settings.get(), keep_session);
  std::shared_ptr<const HookedKey> key;
  std::optional<WallTime> own_not_after;
  if (identity) {
    key = TRY(install(settings.get(), *identity));
    own_not_after = not_after_of(SSL_CTX_get0_certificate(settings.get()));
  }
  std::unique_ptr<Held> held(new Held{peer, own_not_after, std::move(key), std::move(settings), nullptr, {}});
  SSL_CTX_set_app_data(held->settings.get(), held.get());
  return std::unique_ptr<Connector>(new Connector(std::move(held)));
}

Connector::Connector(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Connector::~Connector() = default;

Result<Stream> Connector::connect(int socket, const std::string& host, WallTime now) {
  auto stream = TRY(make_held(held_->settings.get(), socket));
  SSL* tls = stream->tls.get();
  stream->own_key = held_->key;
  SSL_set_connect_state(tls);
  // RFC 6066 §3: addresses are not sent as server names.
  const bool named = is_address(host) || SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
  if (!named || (must_name_host(held_->peer) && !expect_host(tls, host, now))) {
    return fail(Next::Rejected, kTlsPeerUnverified,
                cat("expected a host name or address, saw ", printable(host), ": ", last_reason()));
  }
  if (is_usable(*held_, host, now)) SSL_set_session(tls, held_->session.get());
  // RFC 8446 §C.4: a ticket is used once, so that connections cannot be told to be the same device's.
  held_->session.reset();
  held_->session_host = host;
  return Stream(std::move(stream));
}

std::optional<WallTime> Connector::own_not_after() const { return held_->own_not_after; }

}  // namespace holdfast::linux::tls
