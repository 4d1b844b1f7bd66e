#include <openssl/asn1.h>

#include <ctime>

#include "base/check.h"
#include "base/text.h"
#include "linux/tls/openssl_held.h"
#include "linux/tls/socket_bio_held.h"

namespace holdfast::linux::tls {
namespace {

/// AES-128 first: it comes with SHA-256, which the machines that we run on have in hardware.
constexpr const char* kCiphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256";

int held_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

Stream::Held& held_of(SSL* tls) { return *static_cast<Stream::Held*>(SSL_get_ex_data(tls, held_index())); }

Result<std::unique_ptr<Stream::Held>> make_held(SSL_CTX* settings, int socket) {
  auto held = std::make_unique<Stream::Held>();
  held->line.socket = socket;
  held->tls.reset(SSL_new(settings));
  BIO* bio = held->tls ? make_socket_bio(held->line) : nullptr;
  if (bio == nullptr || SSL_set_ex_data(held->tls.get(), held_index(), held.get()) != 1) {
    BIO_free(bio);
    return fail(Next::Exhausted, kTlsHandshakeFailed, cat("expected memory for a connection, saw: ", last_reason()));
  }
  SSL_set_bio(held->tls.get(), bio, bio);
  return held;
}

Result<TlsSettings> make_settings(const SSL_METHOD* method) {
  TlsSettings settings(SSL_CTX_new(method));
  if (!settings || SSL_CTX_set_min_proto_version(settings.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(settings.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(settings.get(), kCiphers) != 1 ||
      SSL_CTX_set1_groups_list(settings.get(), kGroups) != 1) {
    return fail(Next::Exhausted, kTlsHandshakeFailed, cat("expected libssl with TLS 1.3, saw: ", last_reason()));
  }
  SSL_CTX_set_mode(settings.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A peer that goes without close_notify: HTTP says how long a message is, so that nothing can be cut unseen.
  SSL_CTX_set_options(settings.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(settings.get(), 1);
  return settings;
}

std::string last_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  std::string text = reason != nullptr ? reason : "nothing that OpenSSL explains";
  ERR_clear_error();
  return text;
}

Result<X509Certificate> decode_certificate(Bytes der) {
  const unsigned char* at = der.data();
  X509Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != der.data() + der.size()) {
    ERR_clear_error();
    return fail(Next::Rejected, kTlsIdentityMalformed,
                cat("expected one DER certificate, saw ", der.size(), " bytes that are none"));
  }
  return certificate;
}

Blob encode_certificate(const X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  CHECK_INVARIANT(size > 0);
  Blob der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  i2d_X509(certificate, &at);
  return der;
}

/// Decoded certificates have times that convert; one that did not would end at once.
WallTime not_after_of(const X509* certificate) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &fields) != 1) {
    ERR_clear_error();
    return {0};
  }
  return WallTime::from_seconds(timegm(&fields));
}

}  // namespace holdfast::linux::tls
