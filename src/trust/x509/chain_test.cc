#include "trust/x509/chain.h"

#include "trust/x509/forged_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {

Reason reason_for(const Certificate& leaf, const ChainRequest& request) {
  const auto path = verify_chain(leaf, request);
  REQUIRE_FALSE(path);
  return path.error().reason;
}

/// A server certificate of any extensions under the service CA.
Certificate server_with(const Service& world, const Blob& extensions) {
  return certify(world.ca_key, {.issuer = to_blob(world.ca.subject_der()),
                                .subject = name("orchard", ""),
                                .spki = world.server_key.public_key().spki(),
                                .extensions = extensions});
}

/// A root of two levels that constrains names, a CA under it, and a server.
struct Constrained {
  explicit Constrained(const Blob& constraints)
      : root(certify(root_key,
                     {.issuer = name("", "root"),
                      .subject = name("", "root"),
                      .spki = root_key.public_key().spki(),
                      .extensions = concat({subject_key_identifier(own(root_key)), key_usage(kKeyCertSign | kCrlSign),
                                            basic_constraints_ca(1), constraints})})) {}
  static ByteArray<20> own(const PrivateKey& key) { return key_identifier(key.public_key().spki()); }
  Certificate server(const Blob& names) const {
    return certify(root_key, {.issuer = to_blob(root.subject_der()),
                              .subject = name("orchard", ""),
                              .spki = key_from(31).public_key().spki(),
                              .extensions = server_extensions(key_from(31), root, names)});
  }
  ChainRequest request() const { return {.trusted = {root}, .untrusted = {}, .crls = {}, .time = kNow}; }

  PrivateKey root_key = key_from(30);
  Certificate root;
};

/// NameConstraints that exclude one DNS name, or permit it.
Blob constraint(unsigned list, std::string_view host, bool critical = true) {
  const Blob subtree = der_sequence({dns_name(host)});
  return extension("2.5.29.30", critical, der_sequence({der_element(der_context_constructed(list), {subtree})}));
}
constexpr unsigned kPermitted = 0;
constexpr unsigned kExcluded = 1;

}  // namespace

TEST_CASE("a server of the service CA is accepted under each of its names") {
  const Service world;
  ChainRequest request = world.request();
  const auto path = verify_chain(world.server, request);
  REQUIRE(path);
  CHECK(*path == std::vector{world.server, world.ca});
  request.host = "LOCALHOST";
  CHECK(verify_chain(world.server, request));
  request.host.reset();
  request.address = "::1";
  CHECK(verify_chain(world.server, request));
}

TEST_CASE("another host or address is refused") {
  const Service world;
  ChainRequest request = world.request();
  for (const char* host : {"other.example", "127.0.0.1", "", "holdfast.example."}) {
    request.host = host;
    CHECK(reason_for(world.server, request) == kChainName);
  }
  request.host.reset();
  for (const char* address : {"127.0.0.2", "localhost", ""}) {
    request.address = address;
    CHECK(reason_for(world.server, request) == kChainName);
  }
}

TEST_CASE("validity includes both ends and nothing beyond") {
  const Service world;
  ChainRequest request = world.request();
  request.time = world.server.not_before();
  CHECK(verify_chain(world.server, request));
  request.time.ms -= 1;
  CHECK(reason_for(world.server, request) == kChainExpired);
  request.time = world.server.not_after() + Duration(999);
  CHECK(verify_chain(world.server, request));
  request.time = world.server.not_after() + seconds(1);
  CHECK(reason_for(world.server, request) == kChainExpired);
}

TEST_CASE("a certificate for another use is refused") {
  const Service world;
  ChainRequest request = world.request();
  request.purpose = Purpose::Client;
  CHECK(reason_for(world.server, request) == kChainPurpose);

  const Catalog updates(Authority::Update);
  const auto update = parse_certificate(issue(updates, leaf_profile(updates, LeafKind::Update)));
  REQUIRE(update);
  request.trusted = {updates.root};
  request.untrusted = {updates.ca};
  CHECK(reason_for(*update, request) == kChainPurpose);
}

TEST_CASE("a certificate that nobody trusts is refused, also when it is trusted itself") {
  const Service world;
  ChainRequest request = world.request();
  request.trusted.clear();
  CHECK(reason_for(world.server, request) == kChainUntrusted);
  request.untrusted = {world.ca};
  CHECK(reason_for(world.server, request) == kChainUntrusted);
  request.trusted = {world.server};
  CHECK(reason_for(world.server, request) == kChainUntrusted);
}

TEST_CASE("a certificate signed by another key under the CA's name is refused") {
  const Service world;
  const Certificate forged = certified(key_from(99), server_to_be_signed({.issuer = world.ca,
                                                                          .dns_names = {"holdfast.example"},
                                                                          .addresses = {},
                                                                          .spki = key_from(98).public_key().spki(),
                                                                          .serial = serial_of(7),
                                                                          .not_before = kNow - hours(1),
                                                                          .not_after = kNow + hours(1)}));
  CHECK(reason_for(forged, world.request()) == kChainUntrusted);
}

TEST_CASE("a leaf that signs another leaf is refused") {
  const Service world;
  const Certificate forged = certify(
      world.server_key, {.issuer = to_blob(world.server.subject_der()),
                         .subject = name("", "forged"),
                         .spki = key_from(98).public_key().spki(),
                         .extensions = server_extensions(key_from(98), world.server, dns_name("forged.example"))});
  ChainRequest request = world.request();
  request.untrusted = {world.server};
  CHECK_FALSE(verify_chain(forged, request));
}

TEST_CASE("a CA in a leaf's place is refused") {
  const Catalog catalog(Authority::Client);
  ChainRequest request{.trusted = {catalog.root}, .untrusted = {}, .crls = {}, .time = kNow};
  request.purpose = Purpose::Client;
  CHECK(reason_for(catalog.ca, request) == kChainProfile);
}

TEST_CASE("a client certificate leads to its catalog's root, within the depth asked for") {
  const Catalog catalog(Authority::Client);
  const auto leaf = parse_certificate(issue(catalog, leaf_profile(catalog, LeafKind::Client)));
  REQUIRE(leaf);
  ChainRequest request{.trusted = {catalog.root}, .untrusted = {catalog.ca}, .crls = {}, .time = kNow};
  request.purpose = Purpose::Client;
  const auto path = verify_chain(*leaf, request);
  REQUIRE(path);
  CHECK(*path == std::vector{*leaf, catalog.ca, catalog.root});
  request.depth = 1;
  CHECK(verify_chain(*leaf, request));
  request.depth = 0;
  CHECK(reason_for(*leaf, request) == kChainTooDeep);
  request.depth.reset();
  request.untrusted.clear();
  CHECK(reason_for(*leaf, request) == kChainUntrusted);
}

TEST_CASE("another catalog's client certificate is refused by name and by root") {
  const Catalog ours(Authority::Client);
  const Catalog theirs(Authority::Client, "vineyard");
  LeafProfile profile = leaf_profile(theirs, LeafKind::Client);
  // The vineyard's CA gives itself a device of the orchard, past our own issuer.
  const Blob extensions = concat({subject_key_identifier(key_identifier(profile.spki)),
                                  authority_key_identifier(theirs.ca.subject_key_identifier()),
                                  key_usage(kDigitalSignature), extended_key_usage({kClientAuthOid}),
                                  alternative_names(uri(device_uri(UriForm::Urn, "", kCatalog, kDevice)))});
  const Certificate forged = certify(theirs.ca_key, {.issuer = to_blob(theirs.ca.subject_der()),
                                                     .subject = name(kCatalog, kDevice),
                                                     .spki = profile.spki,
                                                     .extensions = extensions});
  ChainRequest request{.trusted = {theirs.root}, .untrusted = {theirs.ca}, .crls = {}, .time = kNow};
  request.purpose = Purpose::Client;
  CHECK(reason_for(forged, request) == kChainConstraint);
  request.trusted = {ours.root};
  CHECK_FALSE(verify_chain(forged, request));
}

TEST_CASE("a CA that an issuing CA made is refused") {
  const Catalog catalog(Authority::Client);
  const PrivateKey below = key_from(40);
  const Certificate ca =
      certify(catalog.ca_key, {.issuer = to_blob(catalog.ca.subject_der()),
                               .subject = name(kCatalog, "orchard client CA 2"),
                               .spki = below.public_key().spki(),
                               .extensions = ca_extensions(below, catalog.ca.subject_key_identifier(), 0)});
  const Blob extensions = concat({subject_key_identifier(key_identifier(below.public_key().spki())),
                                  authority_key_identifier(ca.subject_key_identifier()), key_usage(kDigitalSignature),
                                  extended_key_usage({kClientAuthOid}), alternative_names(uri("urn:holdfast:x:y"))});
  const Certificate leaf = certify(below, {.issuer = to_blob(ca.subject_der()),
                                           .subject = name(kCatalog, kDevice),
                                           .spki = key_from(41).public_key().spki(),
                                           .extensions = extensions});
  ChainRequest request{.trusted = {catalog.root}, .untrusted = {catalog.ca, ca}, .crls = {}, .time = kNow};
  request.purpose = Purpose::Client;
  CHECK(reason_for(leaf, request) == kChainTooDeep);
}

TEST_CASE("a path is found past an expired certificate of the same CA") {
  const Catalog catalog(Authority::Client);
  const auto leaf = parse_certificate(issue(catalog, leaf_profile(catalog, LeafKind::Client)));
  IssuingCaProfile old = catalog.ca_profile(kCatalog);
  old.not_before = kNow - hours(20);
  old.not_after = kNow - hours(10);
  old.serial = serial_of(44);
  const Certificate expired = certified(catalog.root_key, issuing_ca_to_be_signed(old));
  ChainRequest request{.trusted = {catalog.root}, .untrusted = {expired, catalog.ca}, .crls = {}, .time = kNow};
  request.purpose = Purpose::Client;
  CHECK(verify_chain(*leaf, request));
  request.untrusted = {expired};
  CHECK(reason_for(*leaf, request) == kChainExpired);
}

TEST_CASE("a leaf must name what it is for, and whom") {
  const Service world;
  const Blob key_identifiers = concat({subject_key_identifier(Constrained::own(world.server_key)),
                                       authority_key_identifier(world.ca.subject_key_identifier())});
  const Blob usage = extended_key_usage({kServerAuthOid});
  const Blob names = alternative_names(dns_name("a.example"));
  CHECK(verify_chain(server_with(world, concat({key_identifiers, usage, names})), world.request()));
  const auto refused = [&](const Blob& extensions) {
    return reason_for(server_with(world, extensions), world.request());
  };
  CHECK(refused(concat({key_identifiers, usage})) == kChainProfile);
  CHECK(refused(concat({key_identifiers, usage, alternative_names({})})) == kChainProfile);
  CHECK(refused(concat({key_identifiers, names})) == kChainPurpose);
  CHECK(refused(concat({key_identifiers, names, extended_key_usage({kServerAuthOid, kAnyUsageOid})})) == kChainPurpose);
  CHECK(refused(concat({usage, names})) == kChainProfile);
  const Blob unknown = extension("1.3.6.1.4.1.59999.9", true, der_octets({}));
  CHECK(refused(concat({key_identifiers, usage, names, unknown})) == kChainProfile);
}

TEST_CASE("an excluded name is refused where a wildcard stands for it") {
  const Constrained world(constraint(kExcluded, "bar.example.com"));
  ChainRequest request = world.request();
  request.host = "foo.example.com";
  CHECK(verify_chain(world.server(dns_name("foo.example.com")), request));
  const Blob wildcard = concat({dns_name("example.com"), dns_name("*.example.com")});
  CHECK(reason_for(world.server(wildcard), request) == kChainConstraint);
}

TEST_CASE("a wildcard beyond what is permitted is refused") {
  const Constrained world(constraint(kPermitted, "foo.example.com"));
  CHECK(verify_chain(world.server(dns_name("a.foo.example.com")), world.request()));
  const Blob wildcard = concat({dns_name("foo.example.com"), dns_name("*.example.com")});
  CHECK(reason_for(world.server(wildcard), world.request()) == kChainConstraint);
}

TEST_CASE("malformed or negligible name constraints refuse the path") {
  const auto reason = [](const Blob& constraints) {
    const Constrained world(constraints);
    return reason_for(world.server(dns_name("foo.example.com")), world.request());
  };
  CHECK(reason(constraint(kExcluded, ".other.example")) == kChainConstraint);
  CHECK(reason(constraint(kExcluded, "*.other.example")) == kChainConstraint);
  CHECK(reason(constraint(kExcluded, "other.example", false)) == kChainProfile);
  CHECK(reason(extension("2.5.29.30", true, der_sequence({}))) == kChainConstraint);
  const Blob gap = der_sequence({ip_address(Blob{10, 0, 0, 0, 255, 0, 255, 0})});
  CHECK(reason(extension("2.5.29.30", true, der_sequence({der_element(der_context_constructed(1), {gap})}))) ==
        kChainConstraint);
}

TEST_CASE("a policy that a CA requires and nobody has is refused") {
  const Constrained world({});
  const PrivateKey own = key_from(32);
  const Blob require_policy = extension("2.5.29.36", true, der_sequence({der_element(der_context(0), {Blob{0}})}));
  const Blob policies = extension("2.5.29.32", false, der_sequence({der_sequence({der_object_identifier("1.2.3.4")})}));
  const auto ca = [&](const Blob& constraints) {
    return certify(world.root_key,
                   {.issuer = to_blob(world.root.subject_der()),
                    .subject = name("", "ca"),
                    .spki = own.public_key().spki(),
                    .extensions = concat({ca_extensions(own, world.root.subject_key_identifier(), 0), constraints})});
  };
  const auto server = [&](const Certificate& issuer) {
    return certify(own, {.issuer = to_blob(issuer.subject_der()),
                         .subject = name("orchard", ""),
                         .spki = key_from(31).public_key().spki(),
                         .extensions = server_extensions(key_from(31), issuer, dns_name("a.example"))});
  };
  ChainRequest request = world.request();
  request.untrusted = {ca({})};
  CHECK(verify_chain(server(request.untrusted[0]), request));
  request.untrusted = {ca(concat({policies, require_policy}))};
  CHECK(reason_for(server(request.untrusted[0]), request) == kChainProfile);
  request.untrusted = {ca(require_policy)};
  CHECK(reason_for(server(request.untrusted[0]), request) == kChainUntrusted);
}

TEST_CASE("more than the budget is refused before it costs") {
  const Service world;
  ChainRequest request = world.request();
  request.untrusted.assign(kUntrustedMax + 1, world.ca);
  CHECK(reason_for(world.server, request) == kChainBudget);
  request = world.request();
  request.trusted.assign(kTrustedMax + 1, world.ca);
  CHECK(reason_for(world.server, request) == kChainBudget);
  Blob names;
  for (int i = 0; i <= kNamesMax; ++i) names = concat({names, dns_name("a.example")});
  const Certificate many = server_with(world, server_extensions(world.server_key, world.ca, names));
  CHECK(reason_for(many, world.request()) == kChainBudget);
  Blob subtrees;
  for (int i = 0; i <= kConstraintsMax; ++i) subtrees = concat({subtrees, der_sequence({dns_name("b.example")})});
  const Constrained dense(
      extension("2.5.29.30", true, der_sequence({der_element(der_context_constructed(kExcluded), {subtrees})})));
  CHECK(reason_for(dense.server(dns_name("a.example")), dense.request()) == kChainUntrusted);
}

TEST_CASE("CAs that certify each other in a ring end the search") {
  std::vector<PrivateKey> keys;
  keys.reserve(16);
  for (std::uint8_t i = 0; i < 16; ++i) keys.push_back(key_from(static_cast<std::uint8_t>(100 + i)));
  ChainRequest request{.trusted = {Service().ca}, .untrusted = {}, .crls = {}, .time = kNow};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (const std::size_t step : {1u, 2u}) {
      const PrivateKey& by = keys[(i + step) % keys.size()];
      const std::string issuer = "ring " + std::to_string((i + step) % keys.size());
      request.untrusted.push_back(certify(by, {.issuer = name("", issuer),
                                               .subject = name("", "ring " + std::to_string(i)),
                                               .spki = keys[i].public_key().spki(),
                                               .extensions = ca_extensions(keys[i], Constrained::own(by), 99)}));
    }
  }
  const Certificate leaf =
      certify(keys[0], {.issuer = name("", "ring 0"),
                        .subject = name("orchard", ""),
                        .spki = key_from(31).public_key().spki(),
                        .extensions = server_extensions(key_from(31), request.untrusted[0], dns_name("a.example"))});
  CHECK_FALSE(verify_chain(leaf, request));
}

TEST_CASE("the same question in PEM has the same answer") {
  const Catalog catalog(Authority::Client);
  const auto leaf = parse_certificate(issue(catalog, leaf_profile(catalog, LeafKind::Client)));
  const Service service;
  ChainQuestion question{.leaf = to_pem(*leaf),
                         .trusted = to_pem(service.ca) + to_pem(catalog.root),
                         .untrusted = to_pem(catalog.ca),
                         .crls = {},
                         .time = kNow,
                         .purpose = Purpose::Client};
  CHECK(verify_chain(question)->size() == 3);
  question.untrusted = "\n";
  CHECK(verify_chain(question).error().reason == kChainUntrusted);
  question.leaf += to_pem(catalog.ca);
  CHECK(verify_chain(question).error().reason == kPemMalformed);
}
