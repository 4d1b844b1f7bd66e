// What a key is made of, for the .cc files of this directory alone. EC keys stay EC_KEY (2 µs to make, against 15 µs
// through EVP_PKEY_fromdata); the rest are EVP_PKEY.
#pragma once

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "trust/crypto/key.h"

namespace holdfast::trust::crypto {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using PkeyOperation = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using EcKey = std::unique_ptr<EC_KEY, Freer<EC_KEY_free>>;
using Point = std::unique_ptr<EC_POINT, Freer<EC_POINT_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using RsaKey = std::unique_ptr<RSA, Freer<RSA_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;
using DigestState = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

struct PublicKey::Held {
  KeyKind kind;
  EcKey ec;   ///< EC kinds
  Pkey pkey;  ///< RSA and Ed25519

  Pkey as_pkey() const;
};

bool is_ec(KeyKind kind);
int curve_nid(KeyKind kind);
/// An EC_KEY that knows its curve and nothing else.
EcKey empty_key(KeyKind curve);
std::size_t coordinate_bytes(KeyKind kind);
const EVP_MD* md_of(HashAlgorithm algorithm);
Number number(Bytes big_endian);

/// Whatever libcrypto queued while it failed says nothing to our callers.
std::unexpected<Error> refused(Next next, Reason reason, std::string message);

}  // namespace holdfast::trust::crypto
