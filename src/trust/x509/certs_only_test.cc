// OpenSSL reads back what is written here.
#include <doctest/doctest.h>
#include <openssl/pkcs7.h>

#include "trust/x509/certificate_held.h"
#include "trust/x509/certs_only.h"
#include "trust/x509/golden_test.h"

namespace holdfast::trust::x509 {

TEST_CASE("an envelope holds the certificates that were put into it, in their order, and nothing else") {
  const Certificate leaf = read_certificates(kGoldenEndorsementRsa)->front();
  const Certificate ca = read_certificates(kGoldenMakerCa)->front();
  const Blob der = certs_only({to_blob(leaf.der()), to_blob(ca.der())});
  const std::uint8_t* at = der.data();
  const std::unique_ptr<PKCS7, Freer<PKCS7_free>> envelope(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  REQUIRE(envelope);
  CHECK(at == der.data() + der.size());
  REQUIRE(PKCS7_type_is_signed(envelope.get()));
  const PKCS7_SIGNED* content = envelope->d.sign;
  REQUIRE(sk_X509_num(content->cert) == 2);
  CHECK(X509_cmp(sk_X509_value(content->cert, 0), leaf.held().x509.get()) == 0);
  CHECK(X509_cmp(sk_X509_value(content->cert, 1), ca.held().x509.get()) == 0);
  CHECK(sk_PKCS7_SIGNER_INFO_num(content->signer_info) == 0);
  CHECK(content->crl == nullptr);
}

TEST_CASE("what we ask of a request is P-256 and ECDSA with SHA-256") {
  const Blob der = wanted_request_attributes();
  const std::uint8_t* at = der.data();
  const std::unique_ptr<ASN1_SEQUENCE_ANY,
                        Freer<[](ASN1_SEQUENCE_ANY* all) { sk_ASN1_TYPE_pop_free(all, ASN1_TYPE_free); }>>
      all(d2i_ASN1_SEQUENCE_ANY(nullptr, &at, static_cast<long>(der.size())));
  REQUIRE(all);
  REQUIRE(sk_ASN1_TYPE_num(all.get()) == 2);
  CHECK(sk_ASN1_TYPE_value(all.get(), 0)->type == V_ASN1_SEQUENCE);
  CHECK(OBJ_obj2nid(sk_ASN1_TYPE_value(all.get(), 1)->value.object) == NID_ecdsa_with_SHA256);
}

}  // namespace holdfast::trust::x509
