#include "service/images/repository.h"

#include "base/encoding.h"
#include "base/text.h"
#include "fails_with.h"
#include "programs/simulation/release_desk.h"
#include "service_world.h"
#include "trust/appraisal/released_set.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::images {
namespace {

using programs::simulation::NewImage;
using programs::simulation::ReleaseDesk;
using tests::kAcme;
using tests::kAda;
using tests::ServiceWorld;

struct World : ServiceWorld {
  NewImage door(const std::string& version, std::int64_t security_version = 1) const {
    return {"door", version, security_version, to_blob(as_bytes(cat("a door, ", version)))};
  }
  Result<void> store(const std::map<std::string, Blob>& files) {
    return write([&](ports::Transaction& tx) -> Result<void> {
      for (const auto& [file, bytes] : files) TRY(store_document(tx, kAcme, file, bytes, now()));
      return {};
    });
  }
  Result<void> put_in_force(Bytes timestamp) {
    return write([&](ports::Transaction& tx) -> Result<void> {
      TRY(images::publish(tx, deps().images, kAcme, timestamp, kAda, now()));
      return {};
    });
  }
  std::vector<std::string> released() {
    std::vector<std::string> out;
    read([&](ports::Transaction& tx) -> Result<void> {
      for (const auto& [path, image] : TRY(released_images(tx, kAcme))) out.push_back(path);
      return {};
    });
    return out;
  }
  Result<Blob> metadata(std::string_view file) {
    Blob out;
    TRY(deps().store.read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(metadata_file(tx, kAcme, file));
      return {};
    }));
    return out;
  }

  ReleaseDesk desk{owner(), kAcme};
};

}  // namespace

TEST_CASE("what the owner signed is in force once the timestamp has come, and every image is here") {
  World world;
  REQUIRE(world.desk.add(world.door("1.0")));
  const auto documents = *world.desk.sign(world.now());
  CHECK(fails_with(world.put_in_force(documents.timestamp), kDocumentMissing));
  REQUIRE(world.store(documents.files));
  CHECK(fails_with(world.put_in_force(documents.timestamp), kImageMissing));
  CHECK(fails_with(world.metadata("timestamp.json"), kRepositoryEmpty));
  REQUIRE(world.desk.send_files(world.deps()));
  REQUIRE(world.put_in_force(documents.timestamp));
  CHECK(world.released() == std::vector<std::string>{"door/1.0/image"});
  CHECK((*world.metadata("timestamp.json") == documents.timestamp));
  CHECK((*world.metadata("1.targets.json") == documents.files.at("1.targets.json")));
  CHECK(world.metadata("1.root.json"));
  CHECK(fails_with(world.metadata("2.root.json"), kDocumentMissing));
  CHECK(fails_with(world.metadata("01.root.json"), kDocumentMissing));
  CHECK(world.put_in_force(documents.timestamp));  // again: nothing
}

TEST_CASE("a repository does not go back, and what was signed by others is nothing") {
  World world;
  REQUIRE(world.desk.add(world.door("1.0")));
  const auto first = *world.desk.sign(world.now());
  REQUIRE(world.desk.add(world.door("2.0")));
  const auto second = *world.desk.sign(world.now());
  REQUIRE(world.desk.send_files(world.deps()));
  REQUIRE(world.store(first.files));
  REQUIRE(world.store(second.files));
  REQUIRE(world.put_in_force(second.timestamp));
  CHECK(fails_with(world.put_in_force(first.timestamp), trust::tuf::kMetadataRolledBack));
  CHECK(world.released().size() == 2);
  ReleaseDesk stranger(world.other_owner(), kAcme);
  const auto forged = *stranger.sign(world.now());
  CHECK(fails_with(world.put_in_force(forged.timestamp), Next::Rejected));
}

TEST_CASE("a document that is in force is never replaced, one that is not may be") {
  World world;
  const auto documents = *world.desk.sign(world.now());
  REQUIRE(world.store({{"1.targets.json", to_blob(as_bytes("a mistake"))}}));
  REQUIRE(world.store(documents.files));
  REQUIRE(world.put_in_force(documents.timestamp));
  CHECK(world.store(documents.files));
  for (const char* file : {"1.targets.json", "1.snapshot.json"}) {
    CHECK(fails_with(world.store({{file, to_blob(as_bytes("another"))}}), kDocumentInForce));
  }
}

TEST_CASE("documents that nobody needs any more are forgotten, those of the version before are not") {
  World world;
  for (int version = 1; version <= 3; ++version) REQUIRE(world.desk.publish(world.deps(), world.now()));
  CHECK(fails_with(world.metadata("1.targets.json"), kDocumentMissing));
  CHECK(world.metadata("2.targets.json"));
  CHECK(world.metadata("3.snapshot.json"));
}

TEST_CASE("metadata that has ended is not put in force") {
  World world;
  const auto documents = *world.desk.sign(world.now(), hours(1));
  REQUIRE(world.store(documents.files));
  world.pass(hours(2));
  CHECK(fails_with(world.put_in_force(documents.timestamp), trust::tuf::kMetadataExpired));
}

TEST_CASE("a release is published with everything that its manifest names, or not at all") {
  World world;
  auto image = world.door("1.0");
  image.deltas = {{.from = {1}, .bytes = {2}, .is_sent = false}};
  REQUIRE(world.desk.add(image));
  CHECK(fails_with(world.desk.publish(world.deps(), world.now()), kImageMissing));
  image.deltas.front().is_sent = true;
  REQUIRE(world.desk.add(image));
  CHECK(world.desk.publish(world.deps(), world.now()));
}

TEST_CASE("a release whose reference values are of something else is not published") {
  World world;
  const auto published = [&](const trust::appraisal::ReferenceSet& set) {
    ReleaseDesk desk(world.owner(), kAcme);
    auto image = world.door("1.0");
    image.reference_values = to_blob(as_bytes(json::dump(trust::appraisal::to_json(set))));
    REQUIRE(desk.add(image));
    return desk.publish(world.deps(), world.now());
  };
  trust::appraisal::ReferenceSet set{"os", "1.0", 1, {}, {{trust::appraisal::kStartedPcr, {}, "door"}}};
  CHECK(fails_with(published(set), trust::appraisal::kReferenceValuesUnfit));
  set.component = "door";
  CHECK(published(set));
}

}  // namespace holdfast::service::images
