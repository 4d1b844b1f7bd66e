#include "linux/tls/identity.h"

#include "base/check.h"
#include "base/text.h"
#include "linux/tls/identity_held.h"

namespace holdfast::linux::tls {
namespace {

constexpr std::size_t kChainCertificatesMax = 8;

Result<Pkey> decode_key(const Secret& pkcs8) {
  const Bytes der = pkcs8.expose();
  const unsigned char* at = der.data();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO_free>> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  Pkey key(info && at == der.data() + der.size() ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (!key) {
    ERR_clear_error();
    return fail(Next::Rejected, kTlsIdentityMalformed, "expected a PKCS#8 private key, saw other bytes");
  }
  return key;
}

Result<Certificates> decode_issuers(const std::vector<Blob>& chain) {
  Certificates issuers(sk_X509_new_null());
  CHECK_INVARIANT(issuers != nullptr);
  for (std::size_t i = 1; i < chain.size(); ++i) {
    X509Certificate issuer = TRY(decode_certificate(chain[i]));
    CHECK_INVARIANT(sk_X509_push(issuers.get(), issuer.release()) > 0);
  }
  return issuers;
}

}  // namespace

std::unexpected<Error> unfit(std::string_view part) {
  return fail(Next::Rejected, kTlsIdentityMalformed,
              cat("expected a ", part, " that fits its certificate, saw: ", last_reason()));
}

Result<OwnCertificate> decode_identity(const Identity& identity) {
  if (identity.chain.empty() || identity.chain.size() > kChainCertificatesMax) {
    return fail(Next::Rejected, kTlsIdentityMalformed,
                cat("expected 1 to ", kChainCertificatesMax, " certificates, saw ", identity.chain.size()));
  }
  OwnCertificate own;
  own.leaf = TRY(decode_certificate(identity.chain.front()));
  own.issuers = TRY(decode_issuers(identity.chain));
  if (const auto* sign = std::get_if<SignDigest>(&identity.key)) {
    own.hooked = TRY(HookedKey::make(own.leaf.get(), *sign));
    own.key = own.hooked->pkey();
  } else {
    own.key = TRY(decode_key(std::get<Secret>(identity.key)));
  }
  if (X509_check_private_key(own.leaf.get(), own.key.get()) != 1) return unfit("key");
  return own;
}

bool OwnCertificate::show(SSL_CTX* settings) const {
  return SSL_CTX_use_cert_and_key(settings, leaf.get(), key.get(), issuers.get(), 1) == 1;
}

bool OwnCertificate::show(SSL* tls) const {
  return SSL_use_cert_and_key(tls, leaf.get(), key.get(), issuers.get(), 1) == 1;
}

}  // namespace holdfast::linux::tls
