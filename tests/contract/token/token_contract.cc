// The contract of ports::Token. One body, run against the token in memory and against SoftHSM behind p11-kit.
#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "token_bench.h"
#include "trust/crypto/key.h"

namespace holdfast::tests {
namespace {

using trust::crypto::HashAlgorithm;
using trust::crypto::PublicKey;

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(std::string(result.error().reason.word()) << ": " << result.error().message);
  return std::move(*result);
}

bool is_good(const Blob& spki, std::string_view message, const Result<Blob>& signature) {
  if (!signature) return false;
  return PublicKey::from_spki(spki)->verify(HashAlgorithm::Sha256, as_bytes(message), *signature).has_value();
}

}  // namespace

TEST_CASE("a key that a token made signs, and its public key verifies that") {
  const auto bench = new_token();
  if (!bench) return;
  const auto key = must(bench->token().make("one"));
  CHECK(PublicKey::from_spki(key.public_key)->kind() == trust::crypto::KeyKind::EcP256);
  CHECK(key.reference.starts_with("pkcs11:"));
  CHECK(key.reference.size() <= ports::Token::kReferenceBytesMax);
  const auto signer = must(bench->token().open(key.reference));
  CHECK(signer->public_key() == key.public_key);
  CHECK(is_good(key.public_key, "a message", signer->sign(as_bytes("a message"))));
  CHECK_FALSE(is_good(key.public_key, "another", signer->sign(as_bytes("a message"))));
}

TEST_CASE("an attempt under the same label is the same key, under another one another") {
  const auto bench = new_token();
  if (!bench) return;
  const auto first = must(bench->token().make("one"));
  const auto again = must(bench->token().make("one"));
  const auto other = must(bench->token().make("two"));
  CHECK(again.reference == first.reference);
  CHECK(again.public_key == first.public_key);
  CHECK(other.reference != first.reference);
  CHECK(other.public_key != first.public_key);
}

TEST_CASE("a key that was destroyed is missing, for who had it open too, and no other one is") {
  const auto bench = new_token();
  if (!bench) return;
  const auto first = must(bench->token().make("one"));
  const auto other = must(bench->token().make("two"));
  const auto signer = must(bench->token().open(first.reference));
  REQUIRE(signer->sign(as_bytes("x")));
  REQUIRE(bench->token().destroy(first.reference));
  REQUIRE(bench->token().destroy(first.reference));
  const auto gone = bench->token().open(first.reference);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().reason == ports::kTokenKeyMissing);
  CHECK_FALSE(signer->sign(as_bytes("x")));
  CHECK(is_good(other.public_key, "x", must(bench->token().open(other.reference))->sign(as_bytes("x"))));
  CHECK(must(bench->token().make("one")).public_key != first.public_key);
}

TEST_CASE("many threads sign with one key at once") {
  const auto bench = new_token();
  if (!bench) return;
  const auto key = must(bench->token().make("one"));
  const auto signer = must(bench->token().open(key.reference));
  constexpr std::size_t kThreads = 24;  // more than there are sessions
  std::vector<int> good(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const std::string message = "message " + std::to_string(i);
      for (int n = 0; n < 20; ++n) good[i] += is_good(key.public_key, message, signer->sign(as_bytes(message))) ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  for (const int count : good) CHECK(count == 20);
}

}  // namespace holdfast::tests
