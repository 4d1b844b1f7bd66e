#include "trust/x509/authority.h"

#include "trust/x509/forged_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

TEST_CASE("authorities are named after their catalog and bound to it") {
  const Catalog clients(Authority::Client);
  CHECK(clients.root.subject_text() == "CN=orchard client root,O=orchard");
  CHECK(clients.ca.subject_text() == "CN=orchard client CA 1,O=orchard");
  CHECK(clients.ca.extended_key_usages() == std::vector<std::string>{"1.3.6.1.5.5.7.3.2"});
  const Catalog updates(Authority::Update);
  CHECK(updates.ca.subject_text() == "CN=orchard update CA 1,O=orchard");
  CHECK(updates.ca.extended_key_usages() == std::vector{std::string(kUpdateOid), std::string(kQuarantineOid)});
}

TEST_CASE("an issuing CA is made under its own root alone, and does not outlive it") {
  const Catalog clients(Authority::Client);
  const Catalog updates(Authority::Update);
  const auto refused = [](const IssuingCaProfile& profile) {
    const auto made = issuing_ca_to_be_signed(profile);
    return !made && made.error().reason == kProfileRefused;
  };
  IssuingCaProfile profile = clients.ca_profile(kCatalog);
  profile.root = updates.root;
  CHECK(refused(profile));
  profile = clients.ca_profile(kCatalog);
  profile.number = 0;
  CHECK(refused(profile));
  profile.number = 100'000;
  CHECK(refused(profile));
  profile = clients.ca_profile("Orchard");
  CHECK(refused(profile));
  profile = clients.ca_profile(kCatalog);
  profile.not_after = clients.root.not_after() + seconds(1);
  profile.not_before = profile.not_after - days(1);
  CHECK(refused(profile));
  profile = clients.ca_profile(kCatalog);
  profile.not_after = profile.not_before + kIssuingCaLifeMax + seconds(1);
  CHECK(refused(profile));
}

TEST_CASE("a server certificate has the names asked for and no others") {
  const Service world;
  CHECK(world.server.dns_names() == std::vector<std::string>{"holdfast.example", "localhost"});
  CHECK(world.server.addresses().size() == 2);
  CHECK(world.server.subject_text() == "CN=holdfast.example,O=orchard");
  ServerProfile profile{.issuer = world.ca,
                        .dns_names = {"*.example.com"},
                        .addresses = {},
                        .spki = world.server_key.public_key().spki(),
                        .serial = serial_of(2),
                        .not_before = kNow,
                        .not_after = kNow + days(90)};
  CHECK_FALSE(server_to_be_signed(profile));
  profile.dns_names = {};
  CHECK_FALSE(server_to_be_signed(profile));
  profile.addresses = {"localhost"};
  CHECK_FALSE(server_to_be_signed(profile));
  profile.addresses = {"10.0.0.1"};
  CHECK(server_to_be_signed(profile));
  profile.not_after = kNow + kServerLifeMax + seconds(1);
  CHECK_FALSE(server_to_be_signed(profile));
  profile.not_after = kNow + days(1);
  profile.issuer = world.server;
  CHECK_FALSE(server_to_be_signed(profile));
}

TEST_CASE("a server that has addresses alone is accepted under them") {
  const Service world;
  const Certificate server = certified(world.ca_key, server_to_be_signed({.issuer = world.ca,
                                                                          .dns_names = {},
                                                                          .addresses = {"192.0.2.7"},
                                                                          .spki = world.server_key.public_key().spki(),
                                                                          .serial = serial_of(8),
                                                                          .not_before = kNow - hours(1),
                                                                          .not_after = kNow + days(1)}));
  ChainRequest request = world.request();
  request.address = "192.0.2.7";
  CHECK(verify_chain(server, request));
}
