#include "trust/x509/certificate.h"

#include "base/encoding.h"
#include "trust/x509/forged_test.h"
#include "trust/x509/golden_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {
Shape server_shape(const Service& world) {
  return {.issuer = to_blob(world.ca.subject_der()),
          .subject = name("orchard", "holdfast.example"),
          .spki = world.server_key.public_key().spki(),
          .extensions = server_extensions(world.server_key, world.ca, dns_name("holdfast.example"))};
}

Result<Certificate> parsed(const Service& world, const Shape& shape) {
  return parse_certificate(signed_by(world.ca_key, to_be_signed(shape)));
}
}  // namespace

TEST_CASE("a certificate says what was written into it") {
  const Catalog catalog(Authority::Client);
  const LeafProfile profile = leaf_profile(catalog, LeafKind::Client);
  const auto leaf = parse_certificate(issue(catalog, profile));
  REQUIRE(leaf);
  CHECK(leaf->subject_organization() == kCatalog);
  CHECK(leaf->subject_common_name() == kDevice);
  CHECK(leaf->subject_text() == "CN=hf-0123-4567-89ab-cdef,O=orchard");
  CHECK(equal(leaf->serial(), profile.serial));
  CHECK(leaf->not_before() == profile.not_before);
  CHECK(leaf->not_after() == profile.not_after);
  CHECK(leaf->uris() == std::vector<std::string>{"urn:holdfast:orchard:hf-0123-4567-89ab-cdef"});
  CHECK(leaf->crl_url() == kCrlUrl);
  CHECK(leaf->extended_key_usages() == std::vector<std::string>{"1.3.6.1.5.5.7.3.2"});
  CHECK(leaf->public_key().spki() == profile.spki);
  CHECK(equal(leaf->authority_key_identifier(), catalog.ca.subject_key_identifier()));
  CHECK_FALSE(leaf->is_ca());
  CHECK(catalog.ca.is_ca());
  CHECK(catalog.root.is_self_issued());
}

TEST_CASE("bytes after, before or missing from a certificate are refused") {
  const Service world;
  Blob der = to_blob(world.server.der());
  der.push_back(0);
  CHECK(parse_certificate(der).error().reason == kCertificateMalformed);
  CHECK(parse_certificate(world.server.der().subspan(1)).error().reason == kCertificateMalformed);
  CHECK(parse_certificate(world.server.der().first(200)).error().reason == kCertificateMalformed);
  CHECK(parse_certificate({}).error().reason == kCertificateMalformed);
}

TEST_CASE("another encoding of the same certificate is refused") {
  const Service world;
  Blob longer = to_blob(world.server.der());  // its outer length with a zero byte in front
  REQUIRE(longer[1] == 0x82);
  longer[1] = 0x83;
  longer.insert(longer.begin() + 2, 0);
  CHECK(parse_certificate(longer).error().reason == kCertificateMalformed);
}

TEST_CASE("an extension that comes twice is refused") {
  const Service world;
  Shape shape = server_shape(world);
  const Blob private_one = extension("1.3.6.1.4.1.59999.9", false, der_octets({}));
  shape.extensions = concat({shape.extensions, private_one});
  CHECK(parsed(world, shape));
  shape.extensions = concat({shape.extensions, private_one});
  CHECK(parsed(world, shape).error().reason == kCertificateMalformed);
}

TEST_CASE("an extension with bytes after it is refused") {
  const Service world;
  Shape shape = server_shape(world);
  shape.extensions = concat({shape.extensions, extension("1.3.6.1.5.5.7.1.1", false, as_bytes("malformed"))});
  CHECK(parsed(world, shape).error().reason == kCertificateMalformed);
  shape = server_shape(world);
  const Blob point = concat({der_sequence({}), Blob{0x05, 0x00}});
  shape.extensions = concat({shape.extensions, extension("2.5.29.31", false, point)});
  CHECK(parsed(world, shape).error().reason == kCertificateMalformed);
}

TEST_CASE("a key that Holdfast does not speak is refused") {
  const Service world;
  Shape shape = server_shape(world);
  shape.spki.back() ^= 1;
  CHECK(parsed(world, shape).error().reason == trust::crypto::kKeyMalformed);
}

TEST_CASE("a certificate beyond the limit is not looked at") {
  CHECK(parse_certificate(Blob(kCertificateBytesMax + 1)).error().reason == kCertificateOversize);
}

TEST_CASE("a negative serial reads as none") {
  const Service world;
  Shape shape = server_shape(world);
  Blob der = signed_by(world.ca_key, to_be_signed(shape));
  Blob serial = der_integer(Bytes(shape.serial));
  const auto at = std::search(der.begin(), der.end(), serial.begin(), serial.end());
  REQUIRE(at != der.end());
  *(at + 2) = 0x81;
  const auto certificate = parse_certificate(der);
  REQUIRE(certificate);
  CHECK(certificate->serial().empty());
}

TEST_CASE("PEM gives its certificates in order and passes over the rest") {
  const Service world;
  const std::string text = "noise\n" + to_pem(world.server) +
                           "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n" + to_pem(world.ca);
  const auto read = read_certificates(text);
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK((*read)[0] == world.server);
  CHECK((*read)[1] == world.ca);
  CHECK(read_certificates(kGoldenMakerRoot)->front().subject_text() == "CN=swtpm-localca-rootca");
}

TEST_CASE("PEM that hides a certificate is refused as a whole") {
  const Service world;
  CHECK(read_certificates("").error().reason == kPemMalformed);
  CHECK(read_certificates("-----BEGIN CERTIFICATE-----\n").error().reason == kPemMalformed);
  CHECK(read_certificates(to_pem(world.ca) + "-----BEGIN CERTIFICATE-----\nAAAA").error().reason == kPemMalformed);
  CHECK(read_certificates("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----").error().reason == kPemMalformed);
  CHECK(read_certificates(to_pem(world.ca) + to_pem("CERTIFICATE", Blob{1, 2})).error().reason ==
        kCertificateMalformed);
}
