#include "linux/tls/identity.h"

#include <doctest/doctest.h>

#include "tls/talk.h"
#include "trust/crypto/key.h"

namespace holdfast::linux::tls {
namespace {

using test::talk;
using test::Talk;
using World = test::TlsWorld;

using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;

constexpr Reason kHookRefuses{"hook-refuses"};

TEST_CASE("a client key that is not P-256 is not asked for, and proves nobody") {
  World world;
  const auto rsa = test::make_rsa_client(world.client_ca, "hf-1", world.not_before, world.not_after);
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca(), &rsa);
  const Talk said = talk(*acceptor, *connector, world.real_now);
  CHECK(said.answer == "pong");
  CHECK(!said.client_certificate);
}

TEST_CASE("connectors that share a peer's settings share neither identity nor session") {
  World world;
  SharedPeers peers;
  const auto other = test::make_client(world.client_ca, "hf-2", world.not_before, world.not_after);
  const auto settings = peers.find(world.under_ca());
  REQUIRE(settings);
  CHECK(*peers.find(world.under_ca()) == *settings);
  CHECK(*peers.find(PeerUnverified{}) != *settings);
  auto first = Connector::make(*settings, World::identity_of(world.client));
  auto second = Connector::make(*settings, World::identity_of(other));
  auto nobody = Connector::make(*settings, {});
  REQUIRE((first && second && nobody));
  auto acceptor = world.acceptor();
  for (const bool again : {false, true}) {
    for (const auto& [connector, certificate] : {std::pair(first->get(), std::optional(world.client.certificate)),
                                                 std::pair(second->get(), std::optional(other.certificate)),
                                                 std::pair(nobody->get(), std::optional<Blob>())}) {
      const Talk said = talk(*acceptor, *connector, world.real_now);
      CHECK(said.answer == "pong");
      CHECK(said.resumed == again);
      CHECK(said.client_certificate == certificate);
    }
  }
}

TEST_CASE("somebody else's certificate without its key proves nothing") {
  World world;
  const auto mine = test::make_client(world.client_ca, "hf-2", world.not_before, world.not_after);
  CHECK(!Connector::make(world.under_ca(), Identity{{world.client.certificate}, mine.key.clone()}));

  // The hook signs with a key that is not the certificate's, which only the server can notice.
  const auto key = PrivateKey::from_pkcs8(mine.key.expose());
  REQUIRE(key);
  const SignDigest sign = [&](Bytes digest) { return key->sign_digest(HashAlgorithm::Sha256, digest); };
  auto connector = Connector::make(world.under_ca(), Identity{{world.client.certificate}, sign});
  REQUIRE(connector);
  auto acceptor = world.acceptor();
  const Talk said = talk(*acceptor, **connector, world.real_now);
  REQUIRE(said.server_error);
  CHECK(said.server_error->reason == kTlsHandshakeFailed);
}

TEST_CASE("a key behind a hook signs the handshake, once per session") {
  World world;
  const auto key = PrivateKey::from_pkcs8(world.client.key.expose());
  REQUIRE(key);
  int signatures = 0;
  const SignDigest sign = [&](Bytes digest) {
    ++signatures;
    CHECK(digest.size() == 32);
    return key->sign_digest(HashAlgorithm::Sha256, digest);
  };
  auto connector = Connector::make(world.under_ca(), Identity{{world.client.certificate}, sign});
  REQUIRE(connector);
  auto acceptor = world.acceptor();
  const Talk said = talk(*acceptor, **connector, world.real_now);
  CHECK(said.answer == "pong");
  CHECK(said.client_certificate == world.client.certificate);
  CHECK(talk(*acceptor, **connector, world.real_now).resumed);
  CHECK(signatures == 1);
}

TEST_CASE("why a hook did not sign is what the caller hears") {
  World world;
  const SignDigest sign = [](Bytes) -> Result<Blob> { return fail(Next::Retry, kHookRefuses, "the vault is away"); };
  auto connector = Connector::make(world.under_ca(), Identity{{world.client.certificate}, sign});
  REQUIRE(connector);
  auto acceptor = world.acceptor();
  const Talk said = talk(*acceptor, **connector, world.real_now);
  REQUIRE(said.client_error);
  CHECK(said.client_error->reason == kHookRefuses);
}
TEST_CASE("identities that are none are refused") {
  World world;
  const auto refused = [&](const Identity& identity) {
    const auto made = Acceptor::make(identity, {}, world.clock);
    REQUIRE(!made);
    CHECK(made.error().reason == kTlsIdentityMalformed);
  };
  refused({{}, world.server.key.clone()});
  refused({{Blob{1, 2, 3}}, world.server.key.clone()});
  refused({{world.server.certificate}, Secret(Blob{1, 2, 3})});
  refused({{world.server.certificate}, world.client.key.clone()});
}

}  // namespace
}  // namespace holdfast::linux::tls
