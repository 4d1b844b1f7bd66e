#include "tls/certificates.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/check.h"

namespace holdfast::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(PKCS8_PRIV_KEY_INFO* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
using Key = Owned<EVP_PKEY>;
using Certificate = Owned<X509>;

struct Wish {
  const KeyedCertificate* issuer;  ///< null: self-signed
  std::string name;
  WallTime not_before;
  WallTime not_after;
  bool is_ca;
  const char* usage;         ///< extendedKeyUsage
  const char* alternatives;  ///< subjectAltName
};

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  if (value == nullptr) return;
  X509V3_CTX around;
  X509V3_set_ctx(&around, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &around, nid, value));
  CHECK_INVARIANT(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Secret encode(EVP_PKEY* key) {
  const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(key));
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  CHECK_INVARIANT(size > 0);
  Secret out(Bytes(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return out;
}

Blob encode(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  CHECK_INVARIANT(size > 0);
  Blob out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Key decode_key(const Secret& pkcs8) {
  const unsigned char* at = pkcs8.expose().data();
  const Owned<PKCS8_PRIV_KEY_INFO> info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(pkcs8.size())));
  return Key(EVP_PKCS82PKEY(info.get()));
}

Certificate decode_certificate(const Blob& der) {
  const unsigned char* at = der.data();
  return Certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

KeyedCertificate make(const Wish& wish, Key key) {
  Certificate made(X509_new());
  const Certificate issuer = wish.issuer != nullptr ? decode_certificate(wish.issuer->certificate) : nullptr;
  const Key issuer_key = wish.issuer != nullptr ? decode_key(wish.issuer->key) : nullptr;
  std::int64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), 7);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(made.get()), serial);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), static_cast<time_t>(wish.not_before.whole_seconds()));
  ASN1_TIME_set(X509_getm_notAfter(made.get()), static_cast<time_t>(wish.not_after.whole_seconds()));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509* signer = issuer ? issuer.get() : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  X509_set_pubkey(made.get(), key.get());
  extend(made.get(), signer, NID_basic_constraints, wish.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(made.get(), signer, NID_key_usage, wish.is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  extend(made.get(), signer, NID_subject_key_identifier, "hash");
  extend(made.get(), signer, NID_authority_key_identifier, "keyid:always");
  extend(made.get(), signer, NID_ext_key_usage, wish.usage);
  extend(made.get(), signer, NID_subject_alt_name, wish.alternatives);
  CHECK_INVARIANT(X509_sign(made.get(), issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) > 0);
  return {encode(made.get()), encode(key.get())};
}

Key p256() { return Key(EVP_EC_gen("P-256")); }

}  // namespace

KeyedCertificate make_ca(const std::string& name, WallTime not_before, WallTime not_after) {
  return make({nullptr, name, not_before, not_after, true, nullptr, nullptr}, p256());
}

KeyedCertificate make_server(const KeyedCertificate& ca, WallTime not_before, WallTime not_after) {
  return make({&ca, "server", not_before, not_after, false, "serverAuth", "DNS:localhost,IP:127.0.0.1"}, p256());
}

KeyedCertificate make_client(const KeyedCertificate& ca, const std::string& name, WallTime not_before,
                             WallTime not_after) {
  return make({&ca, name, not_before, not_after, false, "clientAuth", nullptr}, p256());
}

KeyedCertificate make_rsa_client(const KeyedCertificate& ca, const std::string& name, WallTime not_before,
                                 WallTime not_after) {
  return make({&ca, name, not_before, not_after, false, "clientAuth", nullptr}, Key(EVP_RSA_gen(2048)));
}

}  // namespace holdfast::test
