#include "service/identity/revocation_lists.h"

#include <doctest/doctest.h>

#include <thread>

#include "service/appraise/documents.h"
#include "service/identity/authorities.h"
#include "service/identity/certificates.h"
#include "service/identity/issuers.h"
#include "sim/images/memory_image_files.h"
#include "sim/metrics/counts.h"
#include "sim/random/seeded_random.h"
#include "sim/store/memory_store.h"
#include "trust/x509/authority.h"
#include "trust/x509/crl.h"

using namespace holdfast;
using namespace holdfast::service;
using namespace holdfast::service::identity;
using ports::KeyPurpose;
using trust::crypto::PrivateKey;

namespace {

namespace x509 = trust::x509;

constexpr WallTime kStart = WallTime::from_seconds(1'800'000'000);
const std::string kCatalog = "acme";
const Caller kAda = OperatorCaller{"ada", "", Scope::Own};

/// One process of a service; several may share a store.
struct Process {
  explicit Process(ports::Store& store) : deps{store, random, keyring, issuers, documents, settings, metrics, images} {}

  sim::random::SeededRandom random{7};
  Keyring keyring{Secret(Blob(kServiceKeyBytes, 0x5A)), random};
  sim::metrics::Counts metrics;
  sim::images::MemoryImageFiles images;
  Issuers issuers;
  appraise::Documents documents;
  Settings settings{.device_urls = {}, .crl_url = "https://holdfast.example:8443"};
  Deps deps;

  RevocationLists lists(WallTime now, std::string_view catalog = kCatalog) {
    auto out = revocation_lists(deps, catalog, KeyPurpose::ClientCa, now);
    REQUIRE(out);
    return *std::move(out);
  }
};

/// A catalog whose client authorities are certified by a root of its owner.
struct World {
  sim::store::MemoryStore store;
  Process process{store};
  sim::random::SeededRandom random{8};
  PrivateKey root_key = *PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, Blob(48, 0x31));

  World() { certify(kCatalog, kStart); }

  ByteArray<16> serial() { return x509::serial_from(ports::random_array<16>(random)); }
  Blob certificate(const Result<Blob>& to_be_signed) {
    REQUIRE(to_be_signed);
    const Blob signature = *root_key.sign(trust::crypto::HashAlgorithm::Sha256, *to_be_signed);
    return x509::assemble_certificate(*to_be_signed, signature);
  }
  void write(const ports::Work& work) { REQUIRE(store.write(work)); }

  void certify(const std::string& catalog, WallTime now) {
    write([&](ports::Transaction& tx) -> Result<void> {
      const auto key = TRY(prepare_authority(tx, process.deps, catalog, KeyPurpose::ClientCa, OperatorCaller{}, now));
      const Blob root =
          certificate(x509::root_to_be_signed({x509::Authority::Client, catalog, root_key.public_key().spki(), serial(),
                                               kStart - hours(1), kStart + x509::kRootLife}));
      const Blob issuing = certificate(x509::issuing_ca_to_be_signed(
          {x509::Authority::Client, catalog, static_cast<int>(key.number), *x509::parse_certificate(root),
           key.public_key, serial(), now - hours(1), now - hours(1) + x509::kIssuingCaLife}));
      TRY(certify_authority(tx, catalog, KeyPurpose::ClientCa, issuing, root, kAnnouncedUsual, now));
      return {};
    });
  }

  ports::CertificateRow certificate_row(std::string_view device, WallTime now) {
    ports::CertificateRow row;
    row.catalog = kCatalog;
    row.serial = serial();
    row.sha256 = trust::crypto::sha256(row.serial);
    row.device = device;
    row.not_before = now - hours(1);
    row.not_after = now + hours(24);
    return row;
  }
  /// A certificate as issuing leaves it in the store.
  ByteArray<16> issued(WallTime now, std::string_view device = "hf-0000-0000-0000-0000") {
    const auto row = certificate_row(device, now);
    write([&](ports::Transaction& tx) { return ports::Table<ports::CertificateRow>(tx).insert(row); });
    return row.serial;
  }
  void revoke(const ByteArray<16>& serial, WallTime now) {
    write([&](ports::Transaction& tx) { return identity::revoke(tx, kCatalog, serial, "stolen", kAda, now); });
  }
  std::size_t rows_kept() {
    std::size_t out = 0;
    REQUIRE(store.read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(ports::Table<ports::RevocationListPartRow>(tx).scan({.limit = 1000})).size();
      return {};
    }));
    return out;
  }
};

x509::Crl crl(const RevocationLists& lists, std::size_t at = 0) {
  REQUIRE(lists.lists.size() > at);
  auto out = x509::parse_crl(lists.lists[at]);
  REQUIRE(out);
  return *std::move(out);
}

}  // namespace

TEST_CASE("two requests in a row are one signature") {
  World world;
  const auto first = world.process.lists(kStart);
  // An ECDSA signature is never the same twice.
  CHECK(world.process.lists(kStart).lists == first.lists);
  CHECK(world.process.lists(kStart + kListReuse - Duration(1)).lists == first.lists);
  CHECK(fresh_for(first, kStart + seconds(10)) == kListReuse - seconds(10));
}

TEST_CASE("a revocation shows in the next list, a second after the last one") {
  World world;
  const auto serial = world.issued(kStart);
  CHECK_FALSE(crl(world.process.lists(kStart)).find(serial));
  world.revoke(serial, kStart);
  CHECK(crl(world.process.lists(kStart + kListSignedEvery)).find(serial));
}

TEST_CASE("a superseded certificate shows in the next list") {
  World world;
  const auto serial = world.issued(kStart, "hf-1111-1111-1111-1111");
  CHECK_FALSE(crl(world.process.lists(kStart)).find(serial));
  world.write([&](ports::Transaction& tx) {
    return supersede(tx, kCatalog, "hf-1111-1111-1111-1111", false, "verdict update-only", kStart);
  });
  const auto found = crl(world.process.lists(kStart + kListSignedEvery)).find(serial);
  REQUIRE(found);
  CHECK(found->reason == x509::RevocationReason::Superseded);
}

TEST_CASE("revocations without pause are no more than a signature a second") {
  World world;
  const auto first = world.process.lists(kStart);
  for (int i = 1; i <= 9; ++i) {
    const WallTime now = kStart + Duration(100) * i;
    world.revoke(world.issued(now), now);
    CHECK(world.process.lists(now).lists == first.lists);
  }
  CHECK(crl(world.process.lists(kStart + seconds(1))).size() == 9);
}

TEST_CASE("a list is signed anew long before its life is over, and its number rises") {
  World world;
  const auto first = world.process.lists(kStart);
  const auto second = world.process.lists(kStart + kListReuse);
  CHECK(second.lists != first.lists);
  CHECK(crl(second).number() > crl(first).number());
  CHECK(crl(first).next_update() == kStart + kListLife);
  CHECK(kListReuse * 5 <= kListLife);
}

TEST_CASE("a clock that goes back makes a list that is current, and its number rises all the same") {
  World world;
  const auto first = world.process.lists(kStart + hours(1));
  const auto second = world.process.lists(kStart);
  CHECK(crl(second).this_update() == kStart - kListBackdated);
  CHECK(crl(second).number() > crl(first).number());
}

TEST_CASE("processes that share a store give out the same list") {
  World world;
  Process other(world.store);
  const auto serial = world.issued(kStart);
  const auto first = world.process.lists(kStart);
  CHECK(other.lists(kStart + seconds(1)).lists == first.lists);
  world.revoke(serial, kStart + seconds(1));
  const auto second = other.lists(kStart + seconds(2));
  CHECK(crl(second).find(serial));
  CHECK(world.process.lists(kStart + seconds(2)).lists == second.lists);
}

TEST_CASE("many threads that ask at once are given one list") {
  World world;
  constexpr std::size_t kThreads = 8;
  std::vector<RevocationLists> seen(kThreads);
  std::vector<std::thread> threads;
  for (auto& lists : seen) threads.emplace_back([&] { lists = world.process.lists(kStart); });
  for (auto& thread : threads) thread.join();
  for (const auto& lists : seen) CHECK(lists.lists == seen.front().lists);
}

TEST_CASE("after the next authority is certified each has a list at the same address") {
  World world;
  const auto serial = world.issued(kStart);
  world.revoke(serial, kStart);
  CHECK(world.process.lists(kStart).lists.size() == 1);
  world.certify(kCatalog, kStart + seconds(1));
  const auto both = world.process.lists(kStart + seconds(1));
  REQUIRE(both.lists.size() == 2);
  CHECK_FALSE(equal(crl(both, 0).issuer_der(), crl(both, 1).issuer_der()));
  CHECK(crl(both, 0).url() == crl(both, 1).url());
  CHECK(crl(both, 0).find(serial));
  CHECK(crl(both, 1).find(serial));
}

TEST_CASE("what is kept does not grow with the requests, and is nothing for a catalog that is not there") {
  World world;
  for (int i = 0; i < 20; ++i) world.process.lists(kStart + minutes(i));
  CHECK(world.rows_kept() == 1);
  const auto nowhere = revocation_lists(world.process.deps, "nowhere", KeyPurpose::ClientCa, kStart);
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().reason == kAuthorityMissing);
  CHECK(world.rows_kept() == 1);
}

TEST_CASE("a list that is longer than a field of the store is kept whole") {
  World world;
  world.write([&](ports::Transaction& tx) -> Result<void> {
    ports::Table<ports::CertificateRow> table(tx);
    for (int i = 0; i < 25'000; ++i) {
      auto row = world.certificate_row("hf-2222-2222-2222-2222", kStart);
      row.state = ports::CertificateState::Superseded;
      TRY(table.insert(row));
    }
    return {};
  });
  const auto lists = world.process.lists(kStart);
  CHECK(crl(lists).size() == 25'000);
  CHECK(world.rows_kept() > 1);
  CHECK(world.process.lists(kStart).lists == lists.lists);
}
