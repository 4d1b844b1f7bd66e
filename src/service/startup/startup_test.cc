#include "service/startup/startup.h"

#include <algorithm>

#include "fails_with.h"
#include "ports/store/rows/access.h"
#include "ports/store/rows/certificate.h"
#include "service_world.h"
#include "trust/crypto/cipher.h"
#include "trust/x509/certificate.h"

namespace holdfast::service::startup {
namespace {

using ports::KeyPurpose;
using ports::KeyRow;
using tests::ServiceWorld;

const ServerNames kNames = {{"service.test"}, {"192.0.2.1"}};

ServerIdentity identity_of(ServiceWorld& world, const ServerNames& names = kNames) {
  auto out = server_identity(world.deps(), names, world.now());
  REQUIRE(out);
  return *std::move(out);
}

}  // namespace

TEST_CASE("every start under the same names is the same server, whose certificate names nothing else") {
  ServiceWorld world;
  const auto first = identity_of(world);
  const auto second = identity_of(world);
  CHECK(first.certificate == second.certificate);
  CHECK(first.service_ca == second.service_ca);
  CHECK(first.key.matches(second.key.expose()));
  const auto certificate = trust::x509::parse_certificate(first.certificate);
  REQUIRE(certificate);
  CHECK(certificate->dns_names() == kNames.dns_names);
  CHECK(certificate->addresses() == std::vector<Blob>{{192, 0, 2, 1}});
  CHECK_FALSE(certificate->is_ca());
  CHECK(trust::crypto::PrivateKey::from_pkcs8(first.key.expose())->public_key().spki() ==
        certificate->public_key().spki());
}

TEST_CASE("other names, or an end in sight, make another certificate under the CA that devices pinned") {
  ServiceWorld world;
  const auto first = identity_of(world);
  const auto renamed = identity_of(world, {{"service.test", "two.test"}, {"192.0.2.1"}});
  CHECK(renamed.certificate != first.certificate);
  CHECK(renamed.service_ca == first.service_ca);
  const auto moved = identity_of(world, {{"service.test", "two.test"}, {"192.0.2.2"}});
  CHECK(moved.certificate != renamed.certificate);
  const auto back = identity_of(world);
  world.pass(kServerCertificateLife - kServerCertificateRenewedBefore - Duration(1));
  CHECK(identity_of(world).certificate == back.certificate);
  world.pass(Duration(1));
  const auto renewed = identity_of(world);
  CHECK(renewed.certificate != back.certificate);
  CHECK(renewed.service_ca == first.service_ca);
  CHECK_FALSE(renewed.key.matches(back.key.expose()));
}

TEST_CASE(
    "a fresh service knows nobody: the owner's link is the only way in, and there is one until somebody took it") {
  ServiceWorld world;
  identity_of(world);
  CHECK(world.rows<ports::OperatorRow>().empty());
  const auto link = owner_link(world.deps(), world.now());
  REQUIRE(link);
  CHECK(link->value_or("").size() == 43);  // 256 bits in base64url
}

TEST_CASE("a server without a name gets no certificate, and nothing is kept of the attempt") {
  ServiceWorld world;
  const auto keys = world.rows<KeyRow>().size();
  CHECK(fails_with(server_identity(world.deps(), {}, world.now()), Next::Rejected));
  CHECK(fails_with(server_identity(world.deps(), {{"service.test"}, {"not an address"}}, world.now()), Next::Rejected));
  CHECK(world.rows<KeyRow>().size() == keys);
}

TEST_CASE("what the first start settled stays, whatever later starts say") {
  ServiceWorld world;
  CHECK(settle(world.deps(), "crl-url", "https://one.test") == "https://one.test");
  CHECK(settle(world.deps(), "crl-url", "https://two.test") == "https://one.test");
  CHECK(settle(world.deps(), "another", "x") == "x");
}

TEST_CASE("a key opens under the service key that sealed it, as the row that it was sealed for") {
  ServiceWorld world;
  identity_of(world);
  const auto row = world.find<KeyRow>("", KeyPurpose::ServiceCa, 1);
  REQUIRE(row);
  const auto open = [&](std::uint8_t service_key, const KeyRow& as) {
    Keyring keyring(Secret(Blob(kServiceKeyBytes, service_key)), world.deps().random);
    return keyring.open(as).has_value();
  };
  CHECK(open(0x5A, *row));
  CHECK_FALSE(open(0x5B, *row));
  KeyRow moved = *row;
  moved.catalog = "acme";
  CHECK_FALSE(open(0x5A, moved));
  moved = *row;
  moved.purpose = KeyPurpose::Audit;
  CHECK_FALSE(open(0x5A, moved));
  moved = *row;
  moved.number = 2;
  CHECK_FALSE(open(0x5A, moved));
}

TEST_CASE("no private key lies in the store as it is") {
  ServiceWorld world;
  identity_of(world);
  for (const KeyRow& row : world.rows<KeyRow>()) {
    const auto key = world.deps().keyring.open(row);
    REQUIRE(key);
    const Secret plain = (*key)->to_pkcs8();
    CHECK(as_text(row.sealed_key).find(as_text(plain.expose())) == std::string_view::npos);
    CHECK(std::ranges::search(row.sealed_key, plain.expose().subspan(plain.size() / 2)).empty());
  }
}

}  // namespace holdfast::service::startup
