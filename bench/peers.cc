#include "bench/peers.h"

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include <memory>

#include "base/check.h"
#include "bench/compare.h"

namespace holdfast::bench {
namespace {

using Digest = ByteArray<SHA256_DIGEST_LENGTH>;
constexpr ByteArray<32> kMessage{};

std::shared_ptr<EC_KEY> make_key() {
  std::shared_ptr<EC_KEY> key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1), EC_KEY_free);
  CHECK_INVARIANT(key && EC_KEY_generate_key(key.get()) == 1);
  return key;
}

Digest digest_of_message() {
  Digest digest;
  SHA256(kMessage.data(), kMessage.size(), digest.data());
  return digest;
}

}  // namespace

std::function<void()> p256_sign() {
  return [key = make_key()] {
    const Digest digest = digest_of_message();
    ByteArray<80> signature;
    unsigned size = 0;
    CHECK_INVARIANT(ECDSA_sign(0, digest.data(), static_cast<int>(digest.size()), signature.data(), &size, key.get()));
    keep(signature);
  };
}

std::function<void()> p256_verify() {
  const auto key = make_key();
  const Digest digest = digest_of_message();
  const std::shared_ptr<ECDSA_SIG> signature(ECDSA_do_sign(digest.data(), static_cast<int>(digest.size()), key.get()),
                                             ECDSA_SIG_free);
  CHECK_INVARIANT(signature != nullptr);
  return [key, signature] {
    const Digest seen = digest_of_message();
    CHECK_INVARIANT(ECDSA_do_verify(seen.data(), static_cast<int>(seen.size()), signature.get(), key.get()) == 1);
  };
}

}  // namespace holdfast::bench
