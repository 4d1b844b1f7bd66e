#include "trust/x509/issue.h"

#include "base/encoding.h"
#include "trust/x509/forged_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {

Reason refusal(const LeafProfile& profile) {
  const auto kept = require_profile(profile);
  REQUIRE_FALSE(kept);
  return kept.error().reason;
}

}  // namespace

TEST_CASE("every kind of leaf in every form of name keeps its profile") {
  for (const LeafKind kind : {LeafKind::Client, LeafKind::Update, LeafKind::Quarantine, LeafKind::Unattested}) {
    const Catalog catalog(authority_of(kind));
    for (const UriForm form : {UriForm::Urn, UriForm::Spiffe}) {
      LeafProfile profile = leaf_profile(catalog, kind);
      profile.uri_form = form;
      if (form == UriForm::Spiffe) profile.trust_domain = "fleet.example";
      const Blob der = issue(catalog, profile);
      const auto kept = lint_leaf(der, profile, catalog.ca);
      CAPTURE(kept ? "" : kept.error().message);
      CHECK(kept);
    }
  }
}

TEST_CASE("a client certificate is byte for byte what the profile says") {
  const Catalog catalog(Authority::Client);
  const Issuer issuer = issuer_for(catalog, leaf_profile(catalog, LeafKind::Client));
  const auto leaf = parse_certificate(issue(catalog, leaf_profile(catalog, LeafKind::Client)));
  REQUIRE(leaf);
  CHECK(to_hex(leaf->subject_der()) ==
        "3033"
        "3110300e060355040a0c07" +
            to_hex(as_bytes("orchard")) + "311f301d06035504030c16" + to_hex(as_bytes(kDevice)));
  const std::string der = to_hex(leaf->der());
  CHECK(der.contains("0603551d0f0101ff040403020780"));            // keyUsage critical digitalSignature
  CHECK(der.contains("0603551d130101ff04023000"));                // basicConstraints critical, no CA
  CHECK(der.contains("0603551d25040c300a06082b06010505070302"));  // extendedKeyUsage clientAuth
  CHECK(der.contains("0603551d11042f302d862b" + to_hex(as_bytes("urn:holdfast:orchard:hf-0123-4567-89ab-cdef"))));
  CHECK(der.contains("0603551d23041830168014"));  // authorityKeyIdentifier by key
}

TEST_CASE("what the linter is shown must be what the profile says") {
  const Catalog catalog(Authority::Client);
  const LeafProfile good = leaf_profile(catalog, LeafKind::Client);
  const Blob der = issue(catalog, good);
  const auto differs = [&](auto change) {
    LeafProfile other = good;
    change(other);
    const auto kept = lint_leaf(der, other, catalog.ca);
    return !kept && kept.error().reason == kProfileRefused;
  };
  CHECK(lint_leaf(der, good, catalog.ca));
  CHECK(differs([](LeafProfile& p) { p.kind = LeafKind::Update; }));
  CHECK(differs([](LeafProfile& p) { p.catalog = "vineyard"; }));
  CHECK(differs([](LeafProfile& p) { p.device = "hf-other"; }));
  CHECK(differs([](LeafProfile& p) {
    p.uri_form = UriForm::Spiffe;
    p.trust_domain = "fleet.example";
  }));
  CHECK(differs([](LeafProfile& p) { p.spki = key_from(77).public_key().spki(); }));
  CHECK(differs([](LeafProfile& p) { p.serial[15] ^= 1; }));
  CHECK(differs([](LeafProfile& p) { p.not_before.ms += 1000; }));
  CHECK(differs([](LeafProfile& p) { p.not_after.ms += 1000; }));
  CHECK(differs([](LeafProfile& p) { p.crl_url += "x"; }));
  const Catalog other(Authority::Client, "vineyard");
  CHECK_FALSE(lint_leaf(der, good, other.ca));
}

TEST_CASE("a certificate with one thing more or less than its profile is found") {
  const Catalog catalog(Authority::Client);
  const LeafProfile profile = leaf_profile(catalog, LeafKind::Client);
  const Blob names = alternative_names(uri(device_uri(UriForm::Urn, "", kCatalog, kDevice)));
  const std::vector<Blob> parts{subject_key_identifier(key_identifier(profile.spki)),
                                names,
                                authority_key_identifier(catalog.ca.subject_key_identifier()),
                                key_usage(kDigitalSignature),
                                basic_constraints_end_entity(),
                                extended_key_usage({kClientAuthOid}),
                                crl_distribution_point(profile.crl_url)};
  const auto kept = [&](const std::vector<Blob>& extensions, const Blob& subject) {
    Shape shape{.issuer = to_blob(catalog.ca.subject_der()),
                .subject = subject,
                .spki = profile.spki,
                .extensions = {},
                .serial = to_blob(profile.serial)};
    for (const Blob& part : extensions) shape.extensions = concat({shape.extensions, part});
    return lint_leaf(signed_by(catalog.ca_key, to_be_signed(shape)), profile, catalog.ca).has_value();
  };
  const auto with = [&](std::size_t at, const Blob& other) {
    std::vector<Blob> changed = parts;
    changed[at] = other;
    return kept(changed, name(kCatalog, kDevice));
  };
  CHECK(kept(parts, name(kCatalog, kDevice)));
  for (std::size_t i = 0; i < parts.size(); ++i) CHECK_FALSE(with(i, {}));
  CHECK_FALSE(with(
      1, alternative_names(concat({uri(device_uri(UriForm::Urn, "", kCatalog, kDevice)), dns_name("a.example")}))));
  CHECK_FALSE(with(3, key_usage(kDigitalSignature | kKeyCertSign)));
  CHECK_FALSE(with(4, basic_constraints_ca(0)));
  CHECK_FALSE(with(5, extended_key_usage({kClientAuthOid, kServerAuthOid})));
  CHECK_FALSE(kept(parts, name(kCatalog, "")));
  CHECK_FALSE(kept(parts, der_sequence({organization(kCatalog), common_name(kDevice), common_name("b")})));
  CHECK_FALSE(kept(parts, der_sequence({common_name(kDevice), organization(kCatalog)})));
}

TEST_CASE("names that do not fit a profile are refused, never cut") {
  const Catalog catalog(Authority::Client);
  const LeafProfile good = leaf_profile(catalog, LeafKind::Client);
  CHECK(require_profile(good));
  for (const char* device : {"", "a", "ab", "-abc", "abc-", "Abc", "a_c", "a.c", "a c", "a/c", "a\nc", "b\xC3\xA4"}) {
    LeafProfile bad = good;
    bad.device = device;
    CHECK(refusal(bad) == kProfileRefused);
    bad = good;
    bad.catalog = device;
    CHECK(refusal(bad) == kProfileRefused);
  }
  CHECK(is_device_name(std::string(63, 'a')));
  CHECK_FALSE(is_device_name(std::string(64, 'a')));
  CHECK(is_catalog_name(std::string(48, 'a')));
  CHECK_FALSE(is_catalog_name(std::string(49, 'a')));
}

TEST_CASE("a serial, life, key, URL or trust domain outside the profile is refused") {
  const Catalog catalog(Authority::Client);
  const LeafProfile good = leaf_profile(catalog, LeafKind::Client);
  const auto is_refused = [&](auto change) {
    LeafProfile bad = good;
    change(bad);
    return refusal(bad) == kProfileRefused;
  };
  CHECK(is_refused([](LeafProfile& p) { p.serial[0] = 0x0F; }));
  CHECK(is_refused([](LeafProfile& p) { p.serial[0] = 0x80; }));
  CHECK(is_refused([](LeafProfile& p) { p.not_after = p.not_before; }));
  CHECK(is_refused([](LeafProfile& p) { p.not_after = p.not_before + kLeafLifeMax + seconds(1); }));
  CHECK(is_refused([](LeafProfile& p) { p.not_before.ms = -1; }));
  CHECK(is_refused([](LeafProfile& p) { p.not_before = p.not_after = kTimeMax + seconds(1); }));
  CHECK(is_refused([](LeafProfile& p) { p.spki.pop_back(); }));
  CHECK(
      is_refused([](LeafProfile& p) { p.spki = trust::crypto::PrivateKey::generate_rsa2048()->public_key().spki(); }));
  CHECK(is_refused([](LeafProfile& p) { p.crl_url = "ldap://x"; }));
  CHECK(is_refused([](LeafProfile& p) { p.crl_url = "https://a b"; }));
  CHECK(is_refused([](LeafProfile& p) { p.crl_url = "https://" + std::string(kUrlBytesMax, 'a'); }));
  CHECK(is_refused([](LeafProfile& p) { p.trust_domain = "fleet.example"; }));
  CHECK(is_refused([](LeafProfile& p) { p.uri_form = UriForm::Spiffe; }));
  CHECK(is_refused([](LeafProfile& p) {
    p.uri_form = UriForm::Spiffe;
    p.trust_domain = "Fleet.example";
  }));
}

TEST_CASE("an issuer gives out its own kind, catalog and CRL alone") {
  const Catalog catalog(Authority::Client);
  const LeafProfile good = leaf_profile(catalog, LeafKind::Client);
  const Issuer issuer = issuer_for(catalog, good);
  CHECK(issuer.to_be_signed(good));
  const auto is_refused = [&](auto change) {
    LeafProfile bad = good;
    change(bad);
    return !issuer.to_be_signed(bad);
  };
  CHECK(is_refused([](LeafProfile& p) { p.kind = LeafKind::Update; }));
  CHECK(is_refused([](LeafProfile& p) { p.catalog = "vineyard"; }));
  CHECK(is_refused([](LeafProfile& p) { p.crl_url += "x"; }));
  CHECK(is_refused([&](LeafProfile& p) {
    p.not_after = catalog.ca.not_after() + seconds(1);
    p.not_before = p.not_after - hours(1);
  }));
}

TEST_CASE("a CA is no issuer for another kind, catalog or key") {
  const Catalog clients(Authority::Client);
  const auto made = [&](const Certificate& ca, LeafKind kind, std::string catalog) {
    return Issuer::make(ca, kind, std::move(catalog), UriForm::Urn, "", std::string(kCrlUrl)).has_value();
  };
  CHECK(made(clients.ca, LeafKind::Client, "orchard"));
  CHECK_FALSE(made(clients.ca, LeafKind::Update, "orchard"));
  CHECK_FALSE(made(clients.ca, LeafKind::Quarantine, "orchard"));
  // The same usage under another root: who trusts devices with a vault must not be given others.
  CHECK_FALSE(made(clients.ca, LeafKind::Unattested, "orchard"));
  const Catalog unattested(Authority::Unattested);
  CHECK(made(unattested.ca, LeafKind::Unattested, "orchard"));
  CHECK_FALSE(made(unattested.ca, LeafKind::Client, "orchard"));
  CHECK_FALSE(made(clients.ca, LeafKind::Client, "vineyard"));
  CHECK_FALSE(made(clients.root, LeafKind::Client, "orchard"));
  const Service service;
  CHECK_FALSE(made(service.server, LeafKind::Client, "orchard"));
}

TEST_CASE("serials from chance keep their first byte in range") {
  for (int first = 0; first < 256; ++first) {
    const ByteArray<16> serial = serial_from({static_cast<std::uint8_t>(first), 1, 2});
    CHECK(serial[0] >= 0x10);
    CHECK(serial[0] <= 0x7F);
    CHECK(serial[1] == 1);
  }
}
