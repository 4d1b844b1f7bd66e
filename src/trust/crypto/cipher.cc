#include "trust/crypto/cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::trust::crypto {
namespace {

constexpr std::size_t kTagBytes = 16;
using CipherState = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherState fresh() {
  CipherState context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  CHECK_INVARIANT(context != nullptr);
  return context;
}

Blob cfb(Bytes key, Bytes input, int encrypt) {
  CHECK_INVARIANT(key.size() == 16 || key.size() == 32);
  const CipherState context = fresh();
  const ByteArray<16> iv{};
  const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_cfb128() : EVP_aes_256_cfb128();
  CHECK_INVARIANT(EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), iv.data(), encrypt) == 1);
  Blob out(input.size());
  int written = 0;
  CHECK_INVARIANT(EVP_CipherUpdate(context.get(), out.data(), &written, input.data(), static_cast<int>(input.size())) ==
                  1);
  return out;
}

const EVP_CIPHER* gcm_for(Bytes key) {
  CHECK_INVARIANT(key.size() == 16 || key.size() == 32);
  return key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

}  // namespace

Blob gcm_encrypt(Bytes key, const ByteArray<kSealNonceBytes>& nonce, Bytes context, Bytes plaintext) {
  const CipherState cipher = fresh();
  CHECK_INVARIANT(EVP_EncryptInit_ex(cipher.get(), gcm_for(key), nullptr, key.data(), nonce.data()) == 1);
  int written = 0;
  CHECK_INVARIANT(
      EVP_EncryptUpdate(cipher.get(), nullptr, &written, context.data(), static_cast<int>(context.size())) == 1);
  Blob out(plaintext.size() + kTagBytes);
  CHECK_INVARIANT(
      EVP_EncryptUpdate(cipher.get(), out.data(), &written, plaintext.data(), static_cast<int>(plaintext.size())) == 1);
  CHECK_INVARIANT(EVP_EncryptFinal_ex(cipher.get(), out.data() + written, &written) == 1);
  CHECK_INVARIANT(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out.data() + plaintext.size()) ==
                  1);
  return out;
}

Result<Secret> gcm_decrypt(Bytes key, const ByteArray<kSealNonceBytes>& nonce, Bytes context, Bytes sealed) {
  if (sealed.size() < kTagBytes) {
    return fail(Next::Corrupt, kSealBroken,
                cat("expected a sealed value with its tag of ", kTagBytes, " bytes, saw ", sealed.size(), " bytes"));
  }
  Blob tag = to_blob(sealed.last(kTagBytes));
  const Bytes body = sealed.first(sealed.size() - kTagBytes);
  const CipherState cipher = fresh();
  CHECK_INVARIANT(EVP_DecryptInit_ex(cipher.get(), gcm_for(key), nullptr, key.data(), nonce.data()) == 1);
  int written = 0;
  CHECK_INVARIANT(
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, context.data(), static_cast<int>(context.size())) == 1);
  Blob plaintext(body.size());
  CHECK_INVARIANT(
      EVP_DecryptUpdate(cipher.get(), plaintext.data(), &written, body.data(), static_cast<int>(body.size())) == 1);
  CHECK_INVARIANT(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  Secret opened(std::move(plaintext));
  std::uint8_t none = 0;
  if (EVP_DecryptFinal_ex(cipher.get(), &none, &written) != 1) {
    return fail(Next::Corrupt, kSealBroken, "a sealed value does not open: another key, or the bytes were changed");
  }
  return opened;
}

Blob seal(Bytes key, const ByteArray<kSealNonceBytes>& nonce, Bytes context, Bytes plaintext) {
  CHECK_INVARIANT(key.size() == kSealKeyBytes);
  return concat({nonce, gcm_encrypt(key, nonce, context, plaintext)});
}

Result<Secret> unseal(Bytes key, Bytes context, Bytes sealed) {
  CHECK_INVARIANT(key.size() == kSealKeyBytes);
  if (sealed.size() < kSealNonceBytes + kTagBytes) {
    return fail(
        Next::Corrupt, kSealBroken,
        cat("expected a sealed value of at least ", kSealNonceBytes + kTagBytes, " bytes, saw ", sealed.size()));
  }
  ByteArray<kSealNonceBytes> nonce{};
  std::ranges::copy(sealed.first(kSealNonceBytes), nonce.begin());
  auto opened = gcm_decrypt(key, nonce, context, sealed.subspan(kSealNonceBytes));
  if (opened) return opened;
  return fail(Next::Corrupt, kSealBroken, "a sealed value does not open: wrong service key, or the bytes were changed");
}

Blob aes_cfb_encrypt(Bytes key, Bytes plaintext) { return cfb(key, plaintext, 1); }
Blob aes_cfb_decrypt(Bytes key, Bytes ciphertext) { return cfb(key, ciphertext, 0); }

}  // namespace holdfast::trust::crypto
