#include "trust/tuf/snapshot.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "tuf_repository.h"

namespace holdfast::trust::tuf {
namespace {

using MetaFiles = std::map<std::string, MetaFile, std::less<>>;

template <class T>
Reason refusal(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().reason;
}

MetaFiles listing(std::int64_t targets, std::int64_t role) {
  return {{"targets.json", {targets, {}, {}}}, {"role.json", {role, {}, {}}}};
}

}  // namespace

TEST_CASE("a timestamp names the newest snapshot, and its own version again changes nothing") {
  const TufRepository repository;
  const Blob snapshot = repository.snapshot(3, {});
  const Blob document = repository.timestamp(7, snapshot, 3);
  const auto first = verify_timestamp(document, repository.root, {});
  REQUIRE(first);
  CHECK((*first)->header.version == 7);
  CHECK((*first)->snapshot.version == 3);
  CHECK((*first)->snapshot.length == static_cast<std::int64_t>(snapshot.size()));
  const auto again = verify_timestamp(repository.timestamp(7, snapshot, 4), repository.root, *first);
  REQUIRE(again);
  CHECK((*again)->snapshot.version == 3);
  CHECK(verify_timestamp(repository.timestamp(8, snapshot, 4), repository.root, *first));
}

TEST_CASE("arbitrary software: a document that its role did not sign is refused") {
  const TufRepository repository;
  const Blob snapshot = repository.snapshot(1, {});
  const Timestamp said{{1, repository.expires}, TufRepository::meta_of(snapshot, 1)};
  for (const std::uint8_t wrong : {kRootHolder, kTargetsHolder, kSnapshotHolder, std::uint8_t{9}}) {
    const Blob forged = TufRepository::published(make_timestamp(said), {wrong});
    CHECK(refusal(verify_timestamp(forged, repository.root, {})) == kThresholdMissed);
  }
  const Blob forged = TufRepository::published(make_snapshot({{1, repository.expires}, {}}), {kTimestampHolder});
  const auto timestamp = repository.trusted_timestamp(repository.timestamp(1, forged, 1));
  CHECK(refusal(verify_snapshot(forged, repository.root, timestamp, {})) == kThresholdMissed);
}

TEST_CASE("rollback: neither a timestamp nor the snapshot that it names goes back") {
  const TufRepository repository;
  const Blob snapshot = repository.snapshot(3, {});
  const auto trusted = verify_timestamp(repository.timestamp(7, snapshot, 3), repository.root, {});
  REQUIRE(trusted);
  CHECK(refusal(verify_timestamp(repository.timestamp(6, snapshot, 3), repository.root, *trusted)) ==
        kMetadataRolledBack);
  CHECK(refusal(verify_timestamp(repository.timestamp(8, snapshot, 2), repository.root, *trusted)) ==
        kMetadataRolledBack);
}

TEST_CASE("mix and match: a snapshot is the very one that the timestamp names") {
  const TufRepository repository;
  const Blob named = repository.snapshot(3, listing(1, 1));
  const auto timestamp = repository.trusted_timestamp(repository.timestamp(1, named, 3));
  CHECK(verify_snapshot(named, repository.root, timestamp, {}));
  CHECK(refusal(verify_snapshot(repository.snapshot(3, listing(2, 1)), repository.root, timestamp, {})) ==
        kContentDiffers);
  const auto other_version = repository.trusted_timestamp(repository.timestamp(1, named, 4));
  CHECK(refusal(verify_snapshot(named, repository.root, other_version, {})) == kMetadataVersionWrong);
}

TEST_CASE("rollback: in a snapshot no targets document is older or gone") {
  const TufRepository repository;
  const auto trusted = repository.trusted_snapshot(repository.snapshot(1, listing(5, 5)), 1);
  const auto next = [&](const MetaFiles& meta) {
    const Blob document = repository.snapshot(2, meta);
    return verify_snapshot(document, repository.root,
                           repository.trusted_timestamp(repository.timestamp(1, document, 2)), trusted);
  };
  CHECK(next(listing(5, 6)));
  CHECK(refusal(next(listing(4, 6))) == kMetadataRolledBack);
  CHECK(refusal(next(listing(6, 4))) == kMetadataRolledBack);
  CHECK(refusal(next({{"targets.json", {9, {}, {}}}})) == kMetadataRolledBack);
}

TEST_CASE("a snapshot that was kept is taken by its signatures, for what must not go back") {
  const TufRepository repository;
  const Blob document = repository.snapshot(1, listing(5, 5));
  CHECK(verify_kept_snapshot(document, repository.root));
  const Blob forged = TufRepository::published(make_snapshot({{1, repository.expires}, {}}), {kTargetsHolder});
  CHECK(refusal(verify_kept_snapshot(forged, repository.root)) == kThresholdMissed);
}

TEST_CASE("endless data: a timestamp has its size") {
  const TufRepository repository;
  Blob long_one = repository.timestamp(1, repository.snapshot(1, {}), 1);
  long_one.resize(kTimestampBytesMax + 1, ' ');
  CHECK(refusal(verify_timestamp(long_one, repository.root, {})) == json::kJsonTooLarge);
}

TEST_CASE("a document of another type, specification or version is refused") {
  const TufRepository repository;
  const auto forged = [&](std::string_view name, json::Value value) {
    json::Value document = make_timestamp({{1, repository.expires}, {1, {}, {}}})->signed_part;
    document.set(name, std::move(value));
    return refusal(verify_timestamp(TufRepository::published(make_envelope(std::move(document)), {kTimestampHolder}),
                                    repository.root, {}));
  };
  CHECK(forged("_type", "snapshot") == kMetadataMalformed);
  CHECK(forged("spec_version", "2.0") == kMetadataMalformed);
  CHECK(forged("version", 0) == json::kJsonShape);
  CHECK(forged("expires", "soon") != kThresholdMissed);
  CHECK(forged("meta", json::Object{}) == json::kJsonShape);
}

}  // namespace holdfast::trust::tuf
