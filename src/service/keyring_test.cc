#include "service/keyring.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "sim/random/seeded_random.h"
#include "sim/token/memory_token.h"

namespace holdfast::service {
namespace {

using ports::KeyPurpose;
using ports::KeyRow;

constexpr WallTime kNow = WallTime::from_seconds(1'800'000'000);

struct World {
  Keyring keyring(ports::Token* with, std::uint8_t service_key = 0x5A) {
    return Keyring(Secret(Blob(kServiceKeyBytes, service_key)), random, with);
  }
  KeyRow made(KeyPurpose purpose = KeyPurpose::ClientCa, std::int64_t number = 1) {
    auto row = keyring(&token).make("acme", purpose, number, kNow);
    REQUIRE(row);
    return *std::move(row);
  }

  sim::random::SeededRandom random{1};
  sim::token::MemoryToken token{random, 2};
};

bool signs(Keyring& keyring, const KeyRow& row) {
  const auto signer = keyring.signer(row);
  if (!signer) return false;
  const auto signature = (*signer)->sign(as_bytes("x"));
  return signature && trust::crypto::PublicKey::from_spki(row.public_key)
                          ->verify(trust::crypto::HashAlgorithm::Sha256, as_bytes("x"), *signature)
                          .has_value();
}

}  // namespace

TEST_CASE("keys of issuing CAs are made in the token where there is one, all others in the store") {
  World world;
  Keyring with = world.keyring(&world.token);
  Keyring without = world.keyring(nullptr);
  const KeyRow in_token = world.made();
  const KeyRow in_store = *without.make("acme", KeyPurpose::ClientCa, 2, kNow);
  CHECK(world.token.keys() == 1);
  CHECK(*with.reference_of(in_token));
  CHECK_FALSE(*with.reference_of(in_store));
  CHECK(signs(with, in_token));
  CHECK(signs(with, in_store));
  CHECK(signs(with, in_store));
  CHECK_FALSE(with.open(in_token));
  for (const KeyPurpose purpose : {KeyPurpose::Audit, KeyPurpose::ServiceCa, KeyPurpose::Server}) {
    CHECK_FALSE(*with.reference_of(world.made(purpose)));
  }
}

TEST_CASE("a key that is made again for the same place is the same one in the token") {
  World world;
  CHECK(world.made().public_key == world.made().public_key);
  CHECK(world.token.keys() == 1);
  world.made(KeyPurpose::UpdateCa);
  CHECK(world.token.keys() == 2);
  Keyring keyring = world.keyring(&world.token);
  CHECK(fails_with(keyring.make("acme", KeyPurpose::ClientCa, 2, kNow), ports::kTokenFull));
}

TEST_CASE("a reference opens under its service key and in its place alone, and with a token alone") {
  World world;
  KeyRow row = world.made();
  Keyring foreign = world.keyring(&world.token, 0x5B);
  CHECK_FALSE(foreign.signer(row));
  Keyring without = world.keyring(nullptr);
  CHECK(fails_with(without.signer(row), kTokenNotGiven));
  Keyring keyring = world.keyring(&world.token);
  row.number = 2;
  CHECK_FALSE(keyring.signer(row));
}

TEST_CASE("another key in the token's place is noticed, and so is a token that is away") {
  World world;
  KeyRow row = world.made();
  KeyRow other = world.made(KeyPurpose::UpdateCa);
  Keyring keyring = world.keyring(&world.token);
  KeyRow swapped = row;
  swapped.public_key = other.public_key;
  CHECK(fails_with(keyring.signer(swapped), ports::kTokenKeyMissing));
  world.token.set_there(false);
  CHECK(fails_with(keyring.signer(row), ports::kTokenFailed));
  world.token.set_there(true);
  CHECK(signs(keyring, row));
  world.token.set_there(false);
  CHECK_FALSE(signs(keyring, row));
}

TEST_CASE("a key that is destroyed is gone from the token, and again is nothing") {
  World world;
  const KeyRow row = world.made();
  Keyring keyring = world.keyring(&world.token);
  REQUIRE(signs(keyring, row));
  REQUIRE(keyring.destroy(row));
  REQUIRE(keyring.destroy(row));
  CHECK(world.token.keys() == 0);
  CHECK(fails_with(keyring.signer(row), ports::kTokenKeyMissing));
}

}  // namespace holdfast::service
