#include "linux/tls/peer.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "linux/tls/peer_held.h"

namespace holdfast::linux::tls {
namespace {

const Peer& peer_of(SSL* tls) {
  return static_cast<const PeerSettings::Held*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)))->peer;
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
  const Peer& peer = peer_of(tls);
  if (const auto* under = std::get_if<PeerUnderDigest>(&peer)) return judge_under(chain, under->service_ca_sha256);
  X509_STORE_CTX_set_error(chain, X509_V_OK);
  if (std::holds_alternative<PeerUnverified>(peer)) return 1;
  if (has_digest(X509_STORE_CTX_get0_cert(chain), std::get<PeerPinned>(peer).certificate_sha256)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return 0;
}

int keep_session(SSL* tls, SSL_SESSION* session) {
  held_of(tls).kept->session.reset(session);
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

}  // namespace

Result<std::shared_ptr<const PeerSettings>> PeerSettings::make(const Peer& peer) {
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
  std::unique_ptr<Held> held(new Held{peer, std::move(settings)});
  SSL_CTX_set_app_data(held->settings.get(), held.get());
  return std::shared_ptr<const PeerSettings>(new PeerSettings(std::move(held)));
}

PeerSettings::PeerSettings(std::unique_ptr<Held> held) : held_(std::move(held)) {}
PeerSettings::~PeerSettings() = default;

Result<std::shared_ptr<const PeerSettings>> SharedPeers::find(const Peer& peer) {
  const std::lock_guard hold(lock_);
  const auto known = std::ranges::find(entries_, peer, &Entry::peer);
  if (known != entries_.end()) return known->settings;
  auto made = TRY(PeerSettings::make(peer));
  entries_.push_back({peer, std::move(made)});
  return entries_.back().settings;
}

}  // namespace holdfast::linux::tls
