#include "base/check.h"
#include "base/text.h"
#include "trust/crypto/key_held.h"

namespace holdfast::trust::crypto {
namespace {

std::unexpected<Error> wrong(KeyKind kind) {
  return refused(Next::Rejected, kSignatureWrong,
                 cat("expected a signature by this ", name_of(kind), " key, saw another"));
}

}  // namespace

Result<void> PublicKey::verify(HashAlgorithm algorithm, Bytes message, Bytes signature) const {
  if (held_->kind == KeyKind::Ed25519) {
    const DigestState context(EVP_MD_CTX_new());
    CHECK_INVARIANT(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, held_->pkey.get()) == 1);
    const int good =
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size());
    if (good != 1) return wrong(held_->kind);
    return {};
  }
  return verify_digest(algorithm, hash(algorithm, {message}), signature);
}

Result<void> PublicKey::verify_digest(HashAlgorithm algorithm, Bytes digest, Bytes signature) const {
  if (digest.size() != digest_size(algorithm)) return wrong(held_->kind);
  if (held_->ec) {
    const int good = ECDSA_verify(0, digest.data(), static_cast<int>(digest.size()), signature.data(),
                                  static_cast<int>(signature.size()), held_->ec.get());
    if (good != 1) return wrong(held_->kind);
    return {};
  }
  if (held_->kind != KeyKind::Rsa) return wrong(held_->kind);
  const PkeyOperation context(EVP_PKEY_CTX_new(held_->pkey.get(), nullptr));
  CHECK_INVARIANT(context && EVP_PKEY_verify_init(context.get()) == 1);
  if (EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), md_of(algorithm)) != 1 ||
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) != 1) {
    return wrong(held_->kind);
  }
  return {};
}

Result<void> PublicKey::verify_rsa_pss(HashAlgorithm algorithm, Bytes message, Bytes signature) const {
  if (held_->kind != KeyKind::Rsa) return wrong(held_->kind);
  const DigestState context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &options, md_of(algorithm), nullptr, held_->pkey.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1 ||
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) != 1) {
    return wrong(held_->kind);
  }
  return {};
}

Result<Blob> PublicKey::encrypt_oaep(HashAlgorithm algorithm, Bytes label, Bytes message) const {
  if (held_->kind != KeyKind::Rsa) {
    return fail(Next::Rejected, kKeyUnsupported, cat("expected an RSA key, saw ", name_of(held_->kind)));
  }
  const PkeyOperation context(EVP_PKEY_CTX_new(held_->pkey.get(), nullptr));
  void* label_copy = OPENSSL_memdup(label.data(), label.size());
  CHECK_INVARIANT(context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), md_of(algorithm)) == 1 &&
                  EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), md_of(algorithm)) == 1 &&
                  EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), label_copy, static_cast<int>(label.size())) == 1);
  std::size_t size = 0;
  if (EVP_PKEY_encrypt(context.get(), nullptr, &size, message.data(), message.size()) != 1) {
    return refused(Next::Rejected, kKeyUnsupported, "OAEP cannot encrypt a message of this size under this key");
  }
  Blob out(size);
  if (EVP_PKEY_encrypt(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
    return refused(Next::Rejected, kKeyUnsupported, "OAEP cannot encrypt a message of this size under this key");
  }
  out.resize(size);
  return out;
}

Result<Blob> ecdsa_to_der(Bytes r, Bytes s) {
  const Signature signature(ECDSA_SIG_new());
  CHECK_INVARIANT(signature && ECDSA_SIG_set0(signature.get(), number(r).release(), number(s).release()) == 1);
  std::uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return refused(Next::Rejected, kSignatureWrong, "expected two ECDSA scalars, saw none");
  Blob out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Result<EcdsaScalars> ecdsa_from_der(Bytes signature, std::size_t size) {
  const std::uint8_t* at = signature.data();
  const Signature decoded(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  EcdsaScalars out{Blob(size), Blob(size)};
  if (!decoded || at != signature.data() + signature.size() ||
      BN_bn2binpad(ECDSA_SIG_get0_r(decoded.get()), out.r.data(), static_cast<int>(size)) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(decoded.get()), out.s.data(), static_cast<int>(size)) < 0) {
    return refused(Next::Rejected, kSignatureWrong, "expected an ECDSA signature in DER, saw other bytes");
  }
  return out;
}

}  // namespace holdfast::trust::crypto
