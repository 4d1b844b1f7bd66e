#include "linux/tls/identity.h"

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

std::unexpected<Error> unfit(std::string_view part) {
  return fail(Next::Rejected, kTlsIdentityMalformed,
              cat("expected a ", part, " that fits its certificate, saw: ", last_reason()));
}

}  // namespace

Result<std::unique_ptr<HookedKey>> install(SSL_CTX* settings, const Identity& identity) {
  if (identity.chain.empty() || identity.chain.size() > kChainCertificatesMax) {
    return fail(Next::Rejected, kTlsIdentityMalformed,
                cat("expected 1 to ", kChainCertificatesMax, " certificates, saw ", identity.chain.size()));
  }
  const X509Certificate leaf = TRY(decode_certificate(identity.chain.front()));
  if (SSL_CTX_use_certificate(settings, leaf.get()) != 1) return unfit("leaf");
  for (std::size_t i = 1; i < identity.chain.size(); ++i) {
    const X509Certificate issuer = TRY(decode_certificate(identity.chain[i]));
    if (SSL_CTX_add1_chain_cert(settings, issuer.get()) != 1) return unfit("chain");
  }
  std::unique_ptr<HookedKey> hooked;
  Pkey key;
  if (const auto* sign = std::get_if<SignDigest>(&identity.key)) {
    hooked = TRY(HookedKey::make(leaf.get(), *sign));
  } else {
    key = TRY(decode_key(std::get<Secret>(identity.key)));
  }
  if (SSL_CTX_use_PrivateKey(settings, hooked ? hooked->pkey() : key.get()) != 1) return unfit("key");
  return hooked;
}

}  // namespace holdfast::linux::tls
