#include "linux/tls/hooked_key_held.h"

#include <openssl/ec.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::linux::tls {
namespace {

using EcKey = std::unique_ptr<EC_KEY, Freer<EC_KEY_free>>;
using EcMethod = std::unique_ptr<EC_KEY_METHOD, Freer<EC_KEY_METHOD_free>>;

int hook_index() {
  static const int index = EC_KEY_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// ECDSA_sign's contract: `signature` has room for ECDSA_size(key) bytes.
int sign_by_hook(int, const unsigned char* digest, int digest_size, unsigned char* signature, unsigned* signature_size,
                 const BIGNUM*, const BIGNUM*, EC_KEY* key) {
  const auto* hooked = static_cast<const HookedKey*>(EC_KEY_get_ex_data(key, hook_index()));
  const auto made = hooked->sign(Bytes(digest, static_cast<std::size_t>(digest_size)));
  if (!made || made->size() > static_cast<std::size_t>(ECDSA_size(key))) return 0;
  std::ranges::copy(*made, signature);
  *signature_size = static_cast<unsigned>(made->size());
  return 1;
}

const EC_KEY_METHOD* hook_method() {
  static const EcMethod method = [] {
    EcMethod made(EC_KEY_METHOD_new(EC_KEY_OpenSSL()));
    CHECK_INVARIANT(made != nullptr);
    EC_KEY_METHOD_set_sign(made.get(), sign_by_hook, nullptr, nullptr);
    return made;
  }();
  return method.get();
}

}  // namespace

Result<std::unique_ptr<HookedKey>> HookedKey::make(X509* certificate, SignDigest sign) {
  const EVP_PKEY* of_certificate = X509_get0_pubkey(certificate);
  const EC_KEY* public_half = of_certificate != nullptr && EVP_PKEY_get_base_id(of_certificate) == EVP_PKEY_EC
                                  ? EVP_PKEY_get0_EC_KEY(const_cast<EVP_PKEY*>(of_certificate))
                                  : nullptr;
  if (public_half == nullptr || EC_GROUP_get_curve_name(EC_KEY_get0_group(public_half)) != NID_X9_62_prime256v1) {
    ERR_clear_error();
    return fail(Next::Rejected, kTlsIdentityMalformed, "expected a certificate of a P-256 key, saw another kind");
  }
  std::unique_ptr<HookedKey> made(new HookedKey(std::move(sign)));
  const EcKey key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  made->pkey_.reset(EVP_PKEY_new());
  CHECK_INVARIANT(key && made->pkey_ && EC_KEY_set_public_key(key.get(), EC_KEY_get0_public_key(public_half)) == 1 &&
                  EC_KEY_set_method(key.get(), hook_method()) == 1 &&
                  EC_KEY_set_ex_data(key.get(), hook_index(), made.get()) == 1 &&
                  EVP_PKEY_set1_EC_KEY(made->pkey_.get(), key.get()) == 1);
  return made;
}

Pkey HookedKey::pkey() const {
  EVP_PKEY_up_ref(pkey_.get());
  return Pkey(pkey_.get());
}

std::optional<Blob> HookedKey::sign(Bytes digest) const {
  auto signature = sign_(digest);
  if (signature) return std::move(*signature);
  const std::lock_guard hold(lock_);
  error_ = std::move(signature).error();
  return std::nullopt;
}

std::optional<Error> HookedKey::take_error() const {
  const std::lock_guard hold(lock_);
  return std::exchange(error_, std::nullopt);
}

}  // namespace holdfast::linux::tls
