#include "base/check.h"
#include "base/text.h"
#include "trust/crypto/cipher.h"
#include "trust/crypto/key_held.h"

namespace holdfast::trust::crypto {
namespace {

std::unexpected<Error> cannot(std::string_view what, KeyKind kind) {
  return refused(Next::Rejected, kKeyUnsupported, cat("a ", name_of(kind), " key cannot ", what));
}

}  // namespace

PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Result<PrivateKey> PrivateKey::adopt(void* evp_pkey) { return PrivateKey(TRY(PublicKey::adopt(evp_pkey))); }

Result<PrivateKey> PrivateKey::ec_from_entropy(KeyKind curve, Bytes entropy) {
  CHECK_INVARIANT(is_ec(curve) && entropy.size() >= coordinate_bytes(curve) + 16);
  EcKey key = empty_key(curve);
  const EC_GROUP* group = EC_KEY_get0_group(key.get());
  // FIPS 186-4 §B.4.1: (entropy mod (n − 1)) + 1; the surplus bits make the bias negligible.
  const SecretNumber scalar(BN_bin2bn(entropy.data(), static_cast<int>(entropy.size()), nullptr));
  const Number range(BN_dup(EC_GROUP_get0_order(group)));
  const std::unique_ptr<BN_CTX, Freer<BN_CTX_free>> scratch(BN_CTX_new());
  const Point point(EC_POINT_new(group));
  CHECK_INVARIANT(BN_sub_word(range.get(), 1) == 1 &&
                  BN_mod(scalar.get(), scalar.get(), range.get(), scratch.get()) == 1 &&
                  BN_add_word(scalar.get(), 1) == 1);
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  CHECK_INVARIANT(EC_POINT_mul(group, point.get(), scalar.get(), nullptr, nullptr, scratch.get()) == 1 &&
                  EC_KEY_set_private_key(key.get(), scalar.get()) == 1 &&
                  EC_KEY_set_public_key(key.get(), point.get()) == 1);
  auto held = std::make_unique<PublicKey::Held>();
  held->kind = curve;
  held->ec = std::move(key);
  return PrivateKey(PublicKey(std::move(held)));
}

Result<PrivateKey> PrivateKey::generate_rsa2048() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  if (key == nullptr) return refused(Next::Exhausted, kKeyUnsupported, "libcrypto could not make an RSA key");
  return adopt(key);
}

Result<PrivateKey> PrivateKey::from_pkcs8(Bytes der) {
  const std::uint8_t* at = der.data();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO_free>> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  EVP_PKEY* key = info && at == der.data() + der.size() ? EVP_PKCS82PKEY(info.get()) : nullptr;
  if (key == nullptr) return refused(Next::Rejected, kKeyMalformed, "expected a PKCS#8 private key, saw other bytes");
  return adopt(key);
}

Secret PrivateKey::to_pkcs8() const {
  const Pkey key = public_.held().as_pkey();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO_free>> info(EVP_PKEY2PKCS8(key.get()));
  std::uint8_t* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  CHECK_INVARIANT(size > 0);
  Secret out(Bytes(der, static_cast<std::size_t>(size)));
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return out;
}

Result<Blob> PrivateKey::sign(HashAlgorithm algorithm, Bytes message) const {
  if (public_.kind() != KeyKind::Ed25519) return sign_digest(algorithm, hash(algorithm, {message}));
  const DigestState context(EVP_MD_CTX_new());
  Blob out(64);
  std::size_t size = out.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, public_.held().pkey.get()) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
    return cannot("sign", public_.kind());
  }
  return out;
}

Result<Blob> PrivateKey::sign_digest(HashAlgorithm algorithm, Bytes digest) const {
  const PublicKey::Held& held = public_.held();
  CHECK_INVARIANT(digest.size() == digest_size(algorithm));
  if (held.ec) {
    Blob out(static_cast<std::size_t>(ECDSA_size(held.ec.get())));
    unsigned size = 0;
    if (ECDSA_sign(0, digest.data(), static_cast<int>(digest.size()), out.data(), &size, held.ec.get()) != 1) {
      return cannot("sign", held.kind);
    }
    out.resize(size);
    return out;
  }
  const PkeyOperation context(EVP_PKEY_CTX_new(held.pkey.get(), nullptr));
  std::size_t size = 0;
  if (EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), md_of(algorithm)) != 1 ||
      EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()) != 1) {
    return cannot("sign a digest", held.kind);
  }
  Blob out(size);
  if (EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) {
    return cannot("sign a digest", held.kind);
  }
  out.resize(size);
  return out;
}

Result<Secret> PrivateKey::decrypt_oaep(HashAlgorithm algorithm, Bytes label, Bytes ciphertext) const {
  if (public_.kind() != KeyKind::Rsa) return cannot("decrypt OAEP", public_.kind());
  const PkeyOperation context(EVP_PKEY_CTX_new(public_.held().pkey.get(), nullptr));
  void* label_copy = OPENSSL_memdup(label.data(), label.size());
  CHECK_INVARIANT(context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), md_of(algorithm)) == 1 &&
                  EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), md_of(algorithm)) == 1 &&
                  EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), label_copy, static_cast<int>(label.size())) == 1);
  Blob out(static_cast<std::size_t>(EVP_PKEY_get_size(public_.held().pkey.get())));
  std::size_t size = out.size();
  if (EVP_PKEY_decrypt(context.get(), out.data(), &size, ciphertext.data(), ciphertext.size()) != 1) {
    return refused(Next::Rejected, kSealBroken, "an OAEP ciphertext does not open under this key");
  }
  Secret opened(Bytes(out).first(size));
  wipe(out);
  return opened;
}

Result<Secret> PrivateKey::agree(const PublicKey& other) const {
  const PublicKey::Held& held = public_.held();
  if (!held.ec || other.kind() != held.kind)
    return cannot(cat("agree with a ", name_of(other.kind()), " key"), held.kind);
  Blob out(coordinate_bytes(held.kind));
  const int size =
      ECDH_compute_key(out.data(), out.size(), EC_KEY_get0_public_key(other.held().ec.get()), held.ec.get(), nullptr);
  if (size != static_cast<int>(out.size())) return cannot("agree", held.kind);
  return Secret(std::move(out));
}

}  // namespace holdfast::trust::crypto
