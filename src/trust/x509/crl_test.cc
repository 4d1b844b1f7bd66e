#include "trust/x509/crl.h"

#include "trust/x509/forged_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {

CrlProfile profile_of(const Catalog& catalog) {
  return {.issuer = catalog.ca,
          .number = 7,
          .this_update = kNow - minutes(1),
          .next_update = kNow + minutes(5),
          .url = std::string(kCrlUrl),
          .revoked = {}};
}

Blob crl_by(const PrivateKey& key, const CrlProfile& profile) {
  const auto tbs = crl_to_be_signed(profile);
  REQUIRE(tbs);
  return assemble_crl(*tbs, *key.sign(HashAlgorithm::Sha256, *tbs));
}

Crl crl_of(const Catalog& catalog, const CrlProfile& profile) {
  auto crl = parse_crl(crl_by(catalog.ca_key, profile));
  REQUIRE(crl);
  return *crl;
}

/// A list of any extensions.
Result<Crl> crl_with(const Catalog& catalog, const Blob& extensions, const Blob& entries = {}) {
  const Blob tbs = der_sequence({der_integer(std::uint64_t{1}), der_ecdsa_sha256(), catalog.ca.subject_der(),
                                 der_time(kNow - minutes(1)), der_time(kNow + minutes(5)), entries,
                                 der_element(der_context_constructed(0), {der_sequence({extensions})})});
  return parse_crl(assemble_crl(tbs, *catalog.ca_key.sign(HashAlgorithm::Sha256, tbs)));
}

/// A client certificate, and the question whether it is in force.
struct Client {
  Catalog catalog{Authority::Client};
  Certificate leaf = *parse_certificate(issue(catalog, leaf_profile(catalog, LeafKind::Client)));
  Result<std::vector<Certificate>> judged(std::vector<Crl> crls) const {
    ChainRequest request{.trusted = {catalog.root}, .untrusted = {catalog.ca}, .crls = std::move(crls), .time = kNow};
    request.purpose = Purpose::Client;
    return verify_chain(leaf, request);
  }
};

}  // namespace

TEST_CASE("a list says what was written into it") {
  const Catalog catalog(Authority::Client);
  CrlProfile profile = profile_of(catalog);
  profile.revoked = {{Blob(16, 0x7F), kNow - hours(2), RevocationReason::KeyCompromise},
                     {Blob(16, 0x10), kNow - hours(1), RevocationReason::Unspecified},
                     {Blob(16, 0x20), kNow - hours(3), RevocationReason::PrivilegeWithdrawn}};
  const Crl crl = crl_of(catalog, profile);
  CHECK(crl.number() == 7);
  CHECK(crl.url() == kCrlUrl);
  CHECK(crl.this_update() == profile.this_update);
  CHECK(crl.next_update() == profile.next_update);
  CHECK(crl.size() == 3);
  for (const Revocation& revocation : profile.revoked) {
    const auto found = crl.find(revocation.serial);
    REQUIRE(found);
    CHECK(found->at == revocation.at);
    CHECK(found->reason == revocation.reason);
  }
  CHECK_FALSE(crl.find(Blob(16, 0x30)));
  CHECK(verify_crl(crl, catalog.ca, kNow));
  CHECK(read_crls(to_pem("X509 CRL", crl.der()))->size() == 1);
}

TEST_CASE("an empty list is a list") {
  const Catalog catalog(Authority::Client);
  CHECK(crl_of(catalog, profile_of(catalog)).size() == 0);
}

TEST_CASE("a list by another key, for another CA, or of a leaf is refused") {
  const Catalog catalog(Authority::Client);
  const Catalog other(Authority::Client, "vineyard");
  const CrlProfile profile = profile_of(catalog);
  const auto forged = parse_crl(crl_by(key_from(88), profile));
  REQUIRE(forged);
  CHECK(verify_crl(*forged, catalog.ca, kNow).error().reason == kCrlUntrusted);
  CHECK(verify_crl(crl_of(catalog, profile), other.ca, kNow).error().reason == kCrlUntrusted);
  CrlProfile by_leaf = profile;
  by_leaf.issuer = Service().server;
  CHECK_FALSE(crl_to_be_signed(by_leaf));
}

TEST_CASE("a list before or after its time is refused") {
  const Catalog catalog(Authority::Client);
  const Crl crl = crl_of(catalog, profile_of(catalog));
  CHECK(verify_crl(crl, catalog.ca, crl.this_update()));
  CHECK(verify_crl(crl, catalog.ca, crl.next_update()));
  CHECK(verify_crl(crl, catalog.ca, crl.this_update() - seconds(1)).error().reason == kCrlNotCurrent);
  CHECK(verify_crl(crl, catalog.ca, crl.next_update() + seconds(1)).error().reason == kCrlNotCurrent);
}

TEST_CASE("a list with any byte changed is refused") {
  const Catalog catalog(Authority::Client);
  CrlProfile profile = profile_of(catalog);
  profile.revoked = {{Blob(16, 0x7F), kNow - hours(2), RevocationReason::KeyCompromise}};
  const Blob good = crl_by(catalog.ca_key, profile);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Blob changed = good;
    changed[i] ^= 1;
    CAPTURE(i);
    const auto crl = parse_crl(changed);
    if (crl) CHECK_FALSE(verify_crl(*crl, catalog.ca, kNow));
  }
}

TEST_CASE("a list of a part, without a number, or with what nobody knows is refused") {
  const Catalog catalog(Authority::Client);
  const Blob number = extension("2.5.29.20", false, der_integer(std::uint64_t{1}));
  CHECK(crl_with(catalog, number));
  const auto reason = [&](const Blob& extensions) { return crl_with(catalog, extensions).error().reason; };
  CHECK(reason({}) == kCrlMalformed);
  CHECK(reason(extension("2.5.29.20", true, der_integer(std::uint64_t{1}))) == kCrlMalformed);
  CHECK(reason(concat({number, number})) == kCrlMalformed);
  const Blob delta = extension("2.5.29.27", true, der_integer(std::uint64_t{1}));
  CHECK(reason(concat({number, delta})) == kCrlMalformed);
  const Blob unknown = extension("1.3.6.1.4.1.59999.9", true, der_octets({}));
  CHECK(reason(concat({number, unknown})) == kCrlMalformed);
  for (const unsigned part : {1u, 2u, 4u, 5u}) {  // user, CA, indirect, attribute certificates alone
    const Blob value = der_sequence({der_element(der_context(part), {Blob{0xFF}})});
    CHECK(reason(concat({number, extension("2.5.29.28", true, value)})) == kCrlMalformed);
  }
}

TEST_CASE("an entry that takes a certificate off the list is refused") {
  const Catalog catalog(Authority::Client);
  const Blob number = extension("2.5.29.20", false, der_integer(std::uint64_t{1}));
  const auto entry = [](std::uint8_t code, bool critical) {
    const ByteArray<1> reason{code};
    const Blob value = der_element(kDerEnumerated, {reason});
    return der_sequence({der_sequence(
        {der_integer(std::uint64_t{5}), der_time(kNow), der_sequence({extension("2.5.29.21", critical, value)})})});
  };
  CHECK(crl_with(catalog, number, entry(1, false)));
  CHECK_FALSE(crl_with(catalog, number, entry(8, false)));
  CHECK_FALSE(crl_with(catalog, number, entry(7, false)));
  CHECK_FALSE(crl_with(catalog, number, entry(11, false)));
  CHECK_FALSE(crl_with(catalog, number, entry(1, true)));
}

TEST_CASE("a revoked client certificate is refused") {
  const Client client;
  CHECK(client.judged({}));
  CrlProfile profile = profile_of(client.catalog);
  CHECK(client.judged({crl_of(client.catalog, profile)}));
  profile.revoked = {{to_blob(client.leaf.serial()), kNow - hours(1), RevocationReason::Superseded}};
  CHECK(client.judged({crl_of(client.catalog, profile)}).error().reason == kCertificateRevoked);
}

TEST_CASE("a list that is stale, forged, or of another point refuses the chain that it is for") {
  const Client client;
  CrlProfile stale = profile_of(client.catalog);
  stale.this_update = kNow - hours(2);
  stale.next_update = kNow - hours(1);
  CHECK(client.judged({crl_of(client.catalog, stale)}).error().reason == kCrlNotCurrent);
  const Crl good = crl_of(client.catalog, profile_of(client.catalog));
  const auto forged = parse_crl(crl_by(key_from(88), profile_of(client.catalog)));
  CHECK(client.judged({good, *forged}).error().reason == kCrlUntrusted);
  CrlProfile elsewhere = profile_of(client.catalog);
  elsewhere.url = "https://holdfast.example/other.crl";
  CHECK(client.judged({crl_of(client.catalog, elsewhere)}).error().reason == kCrlUntrusted);
  CHECK(client.judged({crl_of(client.catalog, elsewhere), good}));
}

TEST_CASE("a list by nobody on the path changes nothing") {
  const Client client;
  const Catalog other(Authority::Client, "vineyard");
  CHECK(client.judged({crl_of(other, profile_of(other))}));
}

TEST_CASE("a root's list has no address and lives as long as the issuing CAs that it is for") {
  const Catalog catalog(Authority::Client);
  CrlProfile profile = profile_of(catalog);
  profile.issuer = catalog.root;
  profile.url.clear();
  profile.next_update = profile.this_update + kIssuingCaLife;
  const auto list = parse_crl(crl_by(catalog.root_key, profile));
  REQUIRE(list);
  CHECK_FALSE(list->url());
  CHECK(verify_crl(*list, catalog.root, kNow));
  CHECK(read_crls(crl_to_pem(list->der()))->front().number() == profile.number);
}

TEST_CASE("a list beyond its profile is not made") {
  const Catalog catalog(Authority::Client);
  const auto refused = [&](auto change) {
    CrlProfile bad = profile_of(catalog);
    change(bad);
    const auto made = crl_to_be_signed(bad);
    return !made && made.error().reason == kProfileRefused;
  };
  CHECK(refused([](CrlProfile& p) { p.next_update = p.this_update; }));
  CHECK(refused([](CrlProfile& p) { p.next_update = p.this_update + days(32); }));
  CHECK(refused([](CrlProfile& p) { p.url = "nowhere"; }));
  CHECK(refused([](CrlProfile& p) {
    p.url.clear();
    p.next_update = p.this_update + kIssuingCaLifeMax + days(1);
  }));
  CHECK(refused([](CrlProfile& p) { p.revoked = {{Blob{}, kNow, RevocationReason::Unspecified}}; }));
  CHECK(refused([](CrlProfile& p) { p.revoked = {{Blob{1}, {-1}, RevocationReason::Unspecified}}; }));
}
