#include "linux/tls/connector.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "linux/tls/identity_held.h"
#include "linux/tls/peer_held.h"

namespace holdfast::linux::tls {

struct Connector::Held {
  std::shared_ptr<const PeerSettings> peer;
  std::optional<OwnCertificate> own;
  std::optional<WallTime> own_not_after;
  std::shared_ptr<KeptSession> kept = std::make_shared<KeptSession>();
};

namespace {

bool must_name_host(const Peer& peer) {
  return !std::holds_alternative<PeerPinned>(peer) && !std::holds_alternative<PeerUnverified>(peer);
}

bool is_address(const std::string& host) {
  in6_addr scratch;
  return inet_pton(AF_INET, host.c_str(), &scratch) == 1 || inet_pton(AF_INET6, host.c_str(), &scratch) == 1;
}

int pass_over_beginnings(int is_good, X509_STORE_CTX* chain) {
  if (X509_STORE_CTX_get_error(chain) != X509_V_ERR_CERT_NOT_YET_VALID) return is_good;
  X509_STORE_CTX_set_error(chain, X509_V_OK);
  return 1;
}

/// RFC 9525: the name or address has to be in the subject alternative names; the subject is not looked at.
bool expect_host(SSL* tls, const std::string& host, const JudgedAt& at) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(tls);
  X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(at.time.whole_seconds()));
  if (at.is_lower_bound) SSL_set_verify(tls, SSL_get_verify_mode(tls), pass_over_beginnings);
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return (is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str())
                           : X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size())) == 1;
}

/// A resumed handshake shows no certificate, so the dates of both are looked at here.
bool is_usable(const Connector::Held& held, const std::string& host, WallTime now) {
  const SSL_SESSION* session = held.kept->session.get();
  if (session == nullptr || held.kept->host != host || SSL_SESSION_is_resumable(session) != 1) return false;
  const X509* peer = SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(session));
  return peer != nullptr && now <= not_after_of(peer) && (!held.own_not_after || now <= *held.own_not_after);
}

}  // namespace

Result<std::unique_ptr<Connector>> Connector::make(const Peer& peer, const std::optional<Identity>& identity) {
  return make(TRY(PeerSettings::make(peer)), identity);
}

Result<std::unique_ptr<Connector>> Connector::make(std::shared_ptr<const PeerSettings> peer,
                                                   const std::optional<Identity>& identity) {
  std::unique_ptr<Held> held(new Held{.peer = std::move(peer), .own = {}, .own_not_after = {}});
  if (identity) {
    held->own = TRY(decode_identity(*identity));
    held->own_not_after = not_after_of(held->own->leaf.get());
    const Tls tried(SSL_new(held->peer->held().settings.get()));
    if (!tried || !held->own->show(tried.get())) return unfit("certificate");
  }
  return std::unique_ptr<Connector>(new Connector(std::move(held)));
}

Connector::Connector(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Connector::~Connector() = default;

Result<Stream> Connector::connect(int socket, const std::string& host, const JudgedAt& at) {
  const PeerSettings::Held& peer = held_->peer->held();
  auto stream = TRY(make_held(peer.settings.get(), socket));
  SSL* tls = stream->tls.get();
  stream->peer = held_->peer;
  stream->kept = held_->kept;
  if (held_->own) {
    stream->own_key = held_->own->hooked;
    if (!held_->own->show(tls)) return unfit("certificate");
  }
  SSL_set_connect_state(tls);
  // RFC 6066 §3: addresses are not sent as server names.
  const bool named = is_address(host) || SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
  if (!named || (must_name_host(peer.peer) && !expect_host(tls, host, at))) {
    return fail(Next::Rejected, kTlsPeerUnverified,
                cat("expected a host name or address, saw ", printable(host), ": ", last_reason()));
  }
  if (is_usable(*held_, host, at.time)) SSL_set_session(tls, held_->kept->session.get());
  // RFC 8446 §C.4: a ticket is used once, so that connections cannot be told to be the same device's.
  held_->kept->session.reset();
  held_->kept->host = host;
  return Stream(std::move(stream));
}

std::optional<WallTime> Connector::own_not_after() const { return held_->own_not_after; }

}  // namespace holdfast::linux::tls
