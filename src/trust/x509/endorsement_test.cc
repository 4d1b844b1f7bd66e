#include "trust/x509/endorsement.h"

#include "trust/x509/forged_test.h"
#include "trust/x509/golden_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {

constexpr WallTime kLater = WallTime::from_seconds(1'800'000'000);  // after swtpm made its certificates
constexpr std::uint8_t kKeyAgreement = 0x08;

Certificate certificate_of(std::string_view pem) { return read_certificates(pem)->front(); }

Blob tpm_attribute(std::string_view oid, std::string_view text) {
  return der_set(der_sequence({der_object_identifier(oid), der_text(text)}));
}

Blob tpm_names() {
  const Blob directory_name =
      der_sequence({tpm_attribute("2.23.133.2.1", "id:00001014"), tpm_attribute("2.23.133.2.2", "forged"),
                    tpm_attribute("2.23.133.2.3", "id:00010001")});
  return extension("2.5.29.17", true, der_sequence({der_element(der_context_constructed(4), {directory_name})}));
}

/// A TPM maker of our own, so that each attack differs from a good certificate in one thing.
struct Maker {
  PrivateKey root_key = key_from(21);
  PrivateKey ek = key_from(22);
  Certificate root = certify(root_key, {.issuer = name("", "maker root"),
                                        .subject = name("", "maker root"),
                                        .spki = root_key.public_key().spki(),
                                        .extensions = ca_extensions(root_key, Blob(20, 1), 1)});

  Shape endorsement(std::string_view usage = kEkCertificateOid, std::uint8_t key_usage_bits = kKeyAgreement) const {
    return {.issuer = to_blob(root.subject_der()),
            .subject = name("", ""),
            .spki = ek.public_key().spki(),
            .extensions = concat({authority_key_identifier(root.subject_key_identifier()), key_usage(key_usage_bits),
                                  basic_constraints_end_entity(), extended_key_usage({usage}), tpm_names()})};
  }
  Result<trust::Verified<EndorsementCertificate>> verify(const Shape& shape) const {
    return verify_endorsement(certify(root_key, shape), {}, {root}, kNow);
  }
};

}  // namespace

TEST_CASE("what swtpm made leads to its root") {
  const Certificate root = certificate_of(kGoldenMakerRoot);
  const Certificate ca = certificate_of(kGoldenMakerCa);
  for (const std::string_view pem : {kGoldenEndorsementRsa, kGoldenEndorsementP384}) {
    const auto verified = verify_endorsement(certificate_of(pem), {ca}, {root}, kLater);
    REQUIRE(verified);
    CHECK((*verified)->tpm.manufacturer == "id:00001014");
    CHECK((*verified)->tpm.model == "swtpm");
    CHECK((*verified)->tpm.version == "id:20191023");
    CHECK((*verified)->root == root);
  }
  CHECK(certificate_of(kGoldenEndorsementRsa).not_after() == *parse_rfc3339("9999-12-31T23:59:59Z"));
}

TEST_CASE("an endorsement certificate under another root is refused") {
  const Certificate ek = certificate_of(kGoldenEndorsementRsa);
  const Certificate ca = certificate_of(kGoldenMakerCa);
  const Maker maker;
  CHECK(verify_endorsement(ek, {ca}, {maker.root}, kLater).error().reason == kEndorsementUntrusted);
  CHECK(verify_endorsement(ek, {ca}, {}, kLater).error().reason == kEndorsementUntrusted);
  CHECK(verify_endorsement(ek, {}, {certificate_of(kGoldenMakerRoot)}, kLater).error().reason == kEndorsementUntrusted);
}

TEST_CASE("an endorsement certificate trusted itself is refused") {
  const Certificate ek = certificate_of(kGoldenEndorsementRsa);
  CHECK(verify_endorsement(ek, {}, {ek}, kLater).error().reason == kEndorsementUntrusted);
  const std::vector<Certificate> above{certificate_of(kGoldenMakerCa), certificate_of(kGoldenMakerRoot)};
  CHECK(verify_endorsement(ek, above, {ek}, kLater).error().reason == kEndorsementUntrusted);
}

TEST_CASE("an endorsement chain that is not yet or no longer in force is refused") {
  const Maker maker;
  CHECK(maker.verify(maker.endorsement()));
  Shape expired = maker.endorsement();
  expired.not_after = kNow - seconds(1);
  CHECK(maker.verify(expired).error().reason == kEndorsementUntrusted);
  CHECK(verify_endorsement(certificate_of(kGoldenEndorsementRsa), {certificate_of(kGoldenMakerCa)},
                           {certificate_of(kGoldenMakerRoot)}, WallTime::from_seconds(1'700'000'000))
            .error()
            .reason == kEndorsementUntrusted);
}

TEST_CASE("a certificate with another extended key usage is no EK's") {
  const Maker maker;
  CHECK(maker.verify(maker.endorsement("1.3.6.1.5.5.7.3.2")).error().reason == kEndorsementProfile);
  CHECK(maker.verify(maker.endorsement("2.23.133.8.3")).error().reason == kEndorsementProfile);
  Shape both = maker.endorsement();
  both.extensions = concat({authority_key_identifier(maker.root.subject_key_identifier()), key_usage(kKeyAgreement),
                            extended_key_usage({kEkCertificateOid, kClientAuthOid}), tpm_names()});
  CHECK(maker.verify(both).error().reason == kEndorsementProfile);
}

TEST_CASE("a key that signs is no EK") {
  const Maker maker;
  CHECK(maker.verify(maker.endorsement(kEkCertificateOid, kDigitalSignature)).error().reason == kEndorsementProfile);
  CHECK(maker.verify(maker.endorsement(kEkCertificateOid, kKeyAgreement | kDigitalSignature)).error().reason ==
        kEndorsementProfile);
  Shape without = maker.endorsement();
  without.extensions = concat({authority_key_identifier(maker.root.subject_key_identifier()),
                               extended_key_usage({kEkCertificateOid}), tpm_names()});
  CHECK(maker.verify(without).error().reason == kEndorsementProfile);
}

TEST_CASE("a CA posing as an EK is refused, and so is an EK posing as a CA") {
  const Maker maker;
  Shape ca = maker.endorsement();
  ca.extensions = concat({ca_extensions(maker.ek, maker.root.subject_key_identifier(), 0),
                          extended_key_usage({kEkCertificateOid}), tpm_names()});
  CHECK(maker.verify(ca).error().reason == kEndorsementProfile);

  Shape under_ek = maker.endorsement();
  const Certificate good = certify(maker.root_key, under_ek);
  under_ek.issuer = to_blob(good.subject_der());
  under_ek.extensions = concat({key_usage(kKeyAgreement), extended_key_usage({kEkCertificateOid}), tpm_names()});
  const Certificate forged = certify(maker.ek, under_ek);
  CHECK(verify_endorsement(forged, {good}, {maker.root}, kNow).error().reason == kEndorsementUntrusted);
}

TEST_CASE("an EK of another size is refused") {
  const Maker maker;
  Shape rsa = maker.endorsement(kEkCertificateOid, 0x20);
  rsa.spki = read_certificates(kGoldenMakerCa)->front().public_key().spki();  // RSA-3072
  CHECK(maker.verify(rsa).error().reason == kEndorsementProfile);
}

TEST_CASE("a certificate that names no TPM is refused") {
  const Maker maker;
  Shape without = maker.endorsement();
  without.extensions = concat({authority_key_identifier(maker.root.subject_key_identifier()), key_usage(kKeyAgreement),
                               extended_key_usage({kEkCertificateOid})});
  CHECK(maker.verify(without).error().reason == kEndorsementProfile);
}

TEST_CASE("a changed byte in an endorsement certificate is refused") {
  const Certificate root = certificate_of(kGoldenMakerRoot);
  const Certificate ca = certificate_of(kGoldenMakerCa);
  const Certificate ek = certificate_of(kGoldenEndorsementP384);
  for (std::size_t i = 0; i < ek.der().size(); i += 7) {
    Blob changed = to_blob(ek.der());
    changed[i] ^= 1;
    const auto parsed = parse_certificate(changed);
    if (parsed) CHECK_FALSE(verify_endorsement(*parsed, {ca}, {root}, kLater));
  }
}
