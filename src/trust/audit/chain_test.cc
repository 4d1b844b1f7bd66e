#include "trust/audit/chain.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

namespace holdfast::trust::audit {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyKind;
using crypto::PrivateKey;

constexpr std::string_view kCatalog = "fleet";

PrivateKey key_of(std::uint8_t seed) {
  auto key = PrivateKey::ec_from_entropy(KeyKind::EcP256, Blob(48, seed));
  REQUIRE(key);
  return std::move(*key);
}

struct Stored {
  Record record;
  Digest256 hash{};
};

/// What a service holds: records with their hashes, and a key.
struct Log {
  std::vector<Stored> records;
  PrivateKey key = key_of(7);

  explicit Log(int count) {
    for (int i = 1; i <= count; ++i) {
      records.push_back({{kCatalog, i, WallTime::from_seconds(i), "operator:ada", "device.held", "hf-1", "{}"}, {}});
    }
    rebuild();
  }

  /// As someone would who holds the service's store and keys.
  void rebuild() {
    Digest256 previous{};
    std::int64_t sequence = 0;
    for (Stored& stored : records) {
      stored.record.sequence = ++sequence;
      previous = stored.hash = hash_of(previous, stored.record);
    }
  }

  SignedHead signed_head() const {
    return sign({std::string(kCatalog), records.back().record.sequence, records.back().hash});
  }
  SignedHead sign(Head head) const {
    auto signature = key.sign(HashAlgorithm::Sha256, as_bytes(head_statement(head)));
    REQUIRE(signature);
    return {std::move(head), *std::move(signature), key.public_key().spki()};
  }
};

Result<Remembered> verify(const Log& log, const SignedHead& head, std::optional<Remembered> seen = {}) {
  Walk walk = TRY(Walk::begin(head, kCatalog, std::move(seen)));
  for (const Stored& stored : log.records) TRY(walk.follow(stored.record, stored.hash));
  return walk.end();
}

void check_refused(const Result<Remembered>& result, Reason reason) {
  REQUIRE_FALSE(result);
  CHECK(result.error().reason.word() == reason.word());
}

}  // namespace

TEST_CASE("a whole chain is accepted, and so is what it grows to") {
  const Log log(5);
  const auto seen = verify(log, log.signed_head());
  REQUIRE(seen);
  CHECK(seen->head.sequence == 5);
  const Log longer(9);
  const auto again = verify(longer, longer.signed_head(), *seen);
  REQUIRE(again);
  CHECK(again->head.sequence == 9);
  CHECK(verify(log, log.signed_head(), *seen));
}

TEST_CASE("the hash of a record stays what it was") {
  // Made with Python: hashlib.sha256 over struct.pack(">QQ", …) and each member behind struct.pack(">I", size).
  const Record record{"fleet", 1, WallTime{1'700'000'000'000}, "operator:ada", "device.held", "hf-1", "{}"};
  CHECK(to_hex(hash_of({}, record)) == "78ec0c995afe08d854fd60d03d302c1dd2bde2866659f7383f88770611491edc");
}

TEST_CASE("moving a letter from one member of a record to the next changes its hash") {
  const Record record{"fleet", 1, WallTime{1}, "ab", "c", "", "{}"};
  const Record moved{"fleet", 1, WallTime{1}, "a", "bc", "", "{}"};
  CHECK(hash_of({}, record) != hash_of({}, moved));
}

TEST_CASE("a removed record is noticed") {
  Log log(5);
  const auto head = log.signed_head();
  log.records.erase(log.records.begin() + 2);
  check_refused(verify(log, head), kRecordMissing);
}

TEST_CASE("reordered records are noticed") {
  Log log(5);
  const auto head = log.signed_head();
  std::swap(log.records[1], log.records[2]);
  check_refused(verify(log, head), kRecordMissing);
}

TEST_CASE("reordered records with exchanged numbers are noticed") {
  Log log(5);
  const auto head = log.signed_head();
  log.records[1].record.subject = "hf-2";
  log.rebuild();
  std::swap(log.records[1], log.records[2]);
  std::swap(log.records[1].record.sequence, log.records[2].record.sequence);
  check_refused(verify(log, head), kRecordChanged);
}

TEST_CASE("a changed member of a record is noticed, whichever it is") {
  const auto changed = [](auto change) {
    Log log(5);
    const auto head = log.signed_head();
    change(log.records[3].record);
    check_refused(verify(log, head), kRecordChanged);
  };
  changed([](Record& record) { record.catalog = "other"; });
  changed([](Record& record) { record.at = WallTime{1}; });
  changed([](Record& record) { record.actor = "operator:eve"; });
  changed([](Record& record) { record.action = "device.moved"; });
  changed([](Record& record) { record.subject = "hf-2"; });
  changed([](Record& record) { record.detail = "{\"a\":1}"; });
}

TEST_CASE("a changed record with its hash made anew is noticed at the next one or at the head") {
  Log log(5);
  const auto head = log.signed_head();
  log.records[4].record.actor = "operator:eve";
  log.rebuild();
  check_refused(verify(log, head), kHeadWrong);
}

TEST_CASE("a chain that ends before its signed head is truncated") {
  Log log(5);
  const auto head = log.signed_head();
  log.records.pop_back();
  check_refused(verify(log, head), kChainTruncated);
}

TEST_CASE("a chain that was truncated and signed again is noticed by who saw it before") {
  Log log(5);
  const auto seen = verify(log, log.signed_head());
  REQUIRE(seen);
  log.records.pop_back();
  CHECK(verify(log, log.signed_head()));
  check_refused(verify(log, log.signed_head(), *seen), kChainTruncated);
}

TEST_CASE("a chain rebuilt from its start with the service's keys is noticed by who saw it before") {
  Log log(5);
  const auto seen = verify(log, log.signed_head());
  REQUIRE(seen);
  log.records[0].record.actor = "operator:eve";
  log.records.push_back(log.records.back());
  log.rebuild();
  CHECK(verify(log, log.signed_head()));
  check_refused(verify(log, log.signed_head(), *seen), kChainRebuilt);
}

TEST_CASE("a chain that somebody signed with another key is noticed by who saw it before") {
  Log log(5);
  const auto seen = verify(log, log.signed_head());
  REQUIRE(seen);
  log.key = key_of(8);
  check_refused(verify(log, log.signed_head(), *seen), kHeadKeyChanged);
}

TEST_CASE("a head with a signature over another one is refused") {
  const Log log(5);
  auto head = log.signed_head();
  head.head.sequence = 4;
  check_refused(verify(log, head), crypto::kSignatureWrong);
}

TEST_CASE("another catalog's head is refused") {
  const Log log(5);
  check_refused(verify(log, log.sign({"other", 5, log.records.back().hash})), kHeadWrong);
}

TEST_CASE("records behind the head are refused") {
  Log log(5);
  const auto head = log.sign({std::string(kCatalog), 4, log.records[3].hash});
  check_refused(verify(log, head), kRecordMissing);
}

TEST_CASE("an empty chain has a head of zeros, and any other is refused") {
  Log log(1);
  log.records.clear();
  CHECK(verify(log, log.sign({std::string(kCatalog), 0, {}})));
  Digest256 other{};
  other[0] = 1;
  check_refused(verify(log, log.sign({std::string(kCatalog), 0, other})), kHeadWrong);
}

}  // namespace holdfast::trust::audit
