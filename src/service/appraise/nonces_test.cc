#include <set>
#include <thread>

#include "fails_with.h"
#include "linux/store/sqlite/database.h"
#include "linux/system/random.h"
#include "ports/store/migration.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/device.h"
#include "service/appraise/knowledge.h"
#include "soft_device.h"
#include "temporary_folder.h"

namespace holdfast::service::appraise {
namespace {

using ports::NonceRow;
using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

struct World : ServiceWorld {
  World() { REQUIRE(owner().allow(deps(), tests::good_image(), now())); }
};

/// A row of what an attestation may change.
struct Picture {
  std::int64_t attestations;
  std::optional<std::int64_t> clock_ms;
  std::size_t appraisals;
  std::size_t certificates;
  std::size_t entries;
  friend bool operator==(const Picture&, const Picture&) = default;
};
Picture picture_of(World& world, SoftDevice& device) {
  const auto row = device.row();
  return {row.attestations, row.clock_ms, world.rows<ports::AppraisalRow>(kAcme).size(),
          world.rows<ports::CertificateRow>(kAcme).size(), world.audited().size()};
}

}  // namespace

TEST_CASE("a replayed answer is refused: its nonce was used up with the first") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  const auto evidence = device.evidence(device.nonce());
  REQUIRE(device.show(evidence));
  const Picture before = picture_of(world, device);
  CHECK(fails_with(device.show(evidence), kNonceUnknown));
  CHECK(picture_of(world, device) == before);
}

TEST_CASE("a nonce that is stale, made up, constant, or for another purpose, device or catalog is refused") {
  World world;
  SoftDevice device(world, "a");
  SoftDevice neighbour(world, "b");
  device.join();
  neighbour.join();
  const Picture before = picture_of(world, device);
  CHECK(fails_with(device.show(device.evidence({})), kNonceUnknown));
  ByteArray<wire::kNonceBytes> invented{};
  invented.fill(0xAB);
  CHECK(fails_with(device.show(device.evidence(invented)), kNonceUnknown));
  CHECK(fails_with(device.show(device.evidence(neighbour.nonce())), kNonceForAnother));
  const NonceRow other_purpose{invented, std::string(kAcme), device.id(), "check-in", world.now() + minutes(1)};
  world.insert(other_purpose);
  CHECK(fails_with(device.show(device.evidence(invented)), kNonceUnknown));
  invented.fill(0xCD);
  world.insert(NonceRow{invented, std::string(tests::kOther), device.id(), "attest", world.now() + minutes(1)});
  CHECK(fails_with(device.show(device.evidence(invented)), kNonceForAnother));
  const auto nonce = device.nonce();
  world.pass(world.deps().settings.challenge_life);
  CHECK(fails_with(device.show(device.evidence(nonce)), kNonceExpired));
  CHECK(picture_of(world, device) == before);
}

TEST_CASE("the quote is bound to the nonce that is named: evidence for one nonce sent under another is no evidence") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  auto evidence = device.evidence(device.nonce());
  evidence.nonce = device.nonce();
  const Picture before = picture_of(world, device);
  CHECK(fails_with(device.show(evidence), kEvidenceNotAuthentic));
  CHECK(picture_of(world, device) == before);
}

TEST_CASE("budget before cost: a nonce that is not ours is refused before any signature is looked at") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  auto evidence = device.evidence({});
  evidence.quote_signature = {};
  evidence.quote = {};
  CHECK(fails_with(device.show(evidence), kNonceUnknown));
}

TEST_CASE("a late answer to an older nonce is refused and does not look like a clone") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  const auto older = device.evidence(device.nonce());
  world.pass(seconds(5));
  REQUIRE(device.verdict() == "healthy");
  CHECK(fails_with(device.show(older), kNonceUnknown));
  CHECK(device.row().state == ports::DeviceState::Enrolled);
  CHECK(device.verdict() == "healthy");
}

TEST_CASE("two answers to one nonce that are judged at the same moment: one is stored") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  const auto evidence = device.evidence(device.nonce());
  std::optional<Result<wire::AttestResult>> other;
  world.before_next_write([&] { other = device.show(evidence); });
  CHECK(fails_with(device.show(evidence), kNonceUnknown));
  REQUIRE(other);
  CHECK(*other);
  CHECK(device.row().attestations == 1);
  CHECK(world.rows<ports::CertificateRow>(kAcme).size() == 2);
}

TEST_CASE("one nonce on many threads of the store that ships is used once") {
  const tests::TemporaryFolder folder;
  const auto store =
      *linux::store::sqlite::Database::open({.path = (folder.path() / "store.db").string()}, ports::migrations());
  linux::system::SystemRandom random;
  ServiceWorld world(*store, random);
  REQUIRE(world.owner().allow(world.deps(), tests::good_image(), world.now()));
  SoftDevice device(world, "a");
  device.join();
  const auto evidence = device.evidence(device.nonce());
  std::vector<std::string> failures(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& failure : failures) {
      threads.emplace_back([&] {
        const auto result = device.show(evidence);
        if (!result) failure = result.error().reason.word();
      });
    }
  }
  CHECK(std::ranges::count(failures, "") == 1);
  CHECK(std::ranges::count(failures, kNonceUnknown.word()) == 7);
  CHECK(device.row().attestations == 1);
}

TEST_CASE("a device that is not enrolled gets no nonce") {
  World world;
  world.other_owner();
  SoftDevice device(world, "a");
  CHECK(fails_with(challenge({std::string(kAcme), device.id()}, world.deps(), world.now()), kDeviceUnknown));
  device.join();
  CHECK(fails_with(challenge({std::string(tests::kOther), device.id()}, world.deps(), world.now()), kDeviceUnknown));
}

TEST_CASE("whoever asks for nonces in a device's name neither keeps it out nor fills the store") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  const auto first = device.nonce();
  for (std::size_t i = 0; i < 3 * kNoncesPerDeviceMax; ++i) {
    world.pass(Duration(1));
    device.nonce();
  }
  CHECK(world.rows<NonceRow>().size() == kNoncesPerDeviceMax);
  CHECK(fails_with(device.show(device.evidence(first)), kNonceUnknown));
  world.pass(Duration(1));
  const auto own = device.nonce();
  for (std::size_t i = 1; i < kNoncesPerDeviceMax; ++i) {
    world.pass(Duration(1));
    device.nonce();
  }
  CHECK(device.show(device.evidence(own)));
}

TEST_CASE("nonces that nobody answered are swept") {
  World world;
  for (const std::string_view label : {"a", "b", "c"}) {
    SoftDevice device(world, label);
    device.join();
    for (int i = 0; i < 5; ++i) device.nonce();
  }
  world.pass(world.deps().settings.challenge_life);
  SoftDevice device(world, "d");
  device.join();
  for (int i = 0; i < 3; ++i) device.nonce();
  CHECK(world.rows<NonceRow>().size() == 3);
}

TEST_CASE("nonces are 256 bits of chance: none comes twice and no bit leans") {
  sim::store::MemoryStore store;
  linux::system::SystemRandom random;
  ServiceWorld world(store, random);
  SoftDevice device(world, "a");
  device.join();
  constexpr int kDrawn = 2000;
  std::set<ByteArray<wire::kNonceBytes>> seen;
  std::vector<int> ones(wire::kNonceBytes * 8);
  for (int i = 0; i < kDrawn; ++i) {
    const auto nonce = device.nonce();
    CHECK(seen.insert(nonce).second);
    for (std::size_t bit = 0; bit < ones.size(); ++bit) ones[bit] += nonce[bit / 8] >> (bit % 8) & 1;
    world.pass(seconds(4));
  }
  // Six standard deviations of a fair coin: once in two million runs of all 256.
  const double sigma = 0.5 * 44.7213595;
  for (const int count : ones) CHECK(std::abs(count - kDrawn / 2) < 6 * sigma);
}

TEST_CASE("evidence is refused when the device was held, or enrolled anew, while it was judged") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  const auto evidence = device.evidence(device.nonce());
  world.before_next_write([&] { device.set_hold(true); });
  CHECK(fails_with(device.show(evidence), kAttestedMeanwhile));
  CHECK(world.rows<ports::CertificateRow>(kAcme).empty());
  device.set_hold(false);

  const auto older = device.evidence(device.nonce());
  world.before_next_write([&] {
    device.new_attestation_key();
    REQUIRE(device.enroll(*world.owner().ticket(world.deps(), device.id(), world.now())));
  });
  CHECK(fails_with(device.show(older), kAttestedMeanwhile));
  CHECK(world.rows<ports::CertificateRow>(kAcme).empty());
  CHECK(device.row().attestations == 0);
}

}  // namespace holdfast::service::appraise
