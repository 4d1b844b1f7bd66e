#include "device/update/repository_client.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "tuf_repository.h"

namespace holdfast::device::update {
namespace {

namespace tuf = trust::tuf;

const WallTime kNow = WallTime::from_seconds(1'900'000'000);

/// What a test publishes, and how often each file was asked for.
class MemoryRepository final : public ports::Repository {
 public:
  Result<std::optional<Blob>> fetch(std::string_view path, std::size_t bytes_max) override {
    ++asked[std::string(path)];
    const auto at = files.find(path);
    if (at == files.end()) return std::optional<Blob>();
    if (at->second.size() > bytes_max) return fail(Next::Exhausted, ports::kRepositoryEndless, "longer");
    return std::optional(at->second);
  }
  std::map<std::string, Blob, std::less<>> files;
  std::map<std::string, int, std::less<>> asked;
};

class MemoryKept final : public ports::KeptMetadata {
 public:
  Result<std::optional<Blob>> read(std::string_view role) override {
    const auto at = documents.find(role);
    if (role == unreadable) return fail(Next::Retry, ports::kRepositoryUnreachable, "a bad sector");
    return at == documents.end() ? std::optional<Blob>() : std::optional(at->second);
  }
  Result<void> write(std::string_view role, Bytes document) override {
    documents.insert_or_assign(std::string(role), to_blob(document));
    return {};
  }
  Result<void> remove(std::string_view role) override {
    documents.erase(std::string(role));
    return {};
  }
  std::map<std::string, Blob, std::less<>> documents;
  std::string unreadable;
};

tuf::Target target_of(std::string_view content) {
  return {static_cast<std::int64_t>(content.size()), {trust::crypto::sha256(as_bytes(content)), {}}, {}};
}

/// A repository whose documents are made from what the test says, and a client of it.
struct World {
  TufRepository owner;
  MemoryRepository repository;
  MemoryKept kept;
  RepositoryClient client{repository, kept};
  std::map<std::string, tuf::Targets> targets;  ///< by role
  std::int64_t version = 0;                     ///< of timestamp and snapshot

  World() {
    kept.documents["root"] = owner.root_document;
    targets["targets"].header = {1, owner.expires};
    targets["targets"].targets["a"] = target_of("content of a");
    publish();
  }

  /// Each role but the top-level one is held by the holder of its first letter.
  static std::uint8_t holder_of(std::string_view role) {
    return role == "targets" ? kTargetsHolder : static_cast<std::uint8_t>(role[0]);
  }
  void delegate(const std::string& from, const std::string& to, std::vector<std::string> paths, bool terminating) {
    tuf::Targets& delegator = targets[from];
    const tuf::Key key = tuf_key(holder_of(to));
    if (std::ranges::find(delegator.keys, key.id, &tuf::Key::id) == delegator.keys.end()) delegator.keys.push_back(key);
    delegator.delegations.push_back({to, {{key.id}, 1}, terminating, std::move(paths)});
    targets[to].header = {1, owner.expires};
  }
  /// Everything anew, one version later.
  void publish() {
    ++version;
    std::map<std::string, tuf::MetaFile, std::less<>> meta;
    for (const auto& [role, said] : targets) {
      const Blob document = TufRepository::published(tuf::make_targets(said), {holder_of(role)});
      repository.files[cat(said.header.version, ".", role, ".json")] = document;
      meta[cat(role, ".json")] = TufRepository::meta_of(document, said.header.version);
    }
    const Blob snapshot = owner.snapshot(version, std::move(meta));
    repository.files[cat(version, ".snapshot.json")] = snapshot;
    repository.files["timestamp.json"] = owner.timestamp(version, snapshot, version);
  }
  Reason refusal(WallTime now = kNow) {
    const auto refreshed = client.refresh(now);
    REQUIRE_FALSE(refreshed);
    return refreshed.error().reason;
  }
  std::string found(std::string_view path) {
    REQUIRE(client.refresh(kNow));
    const auto target = client.find(path);
    REQUIRE(target);
    return *target ? cat("length ", (*target)->length) : std::string("none");
  }
};

}  // namespace

TEST_CASE("a target is found and fetched by what the repository signed, and only what is new is fetched again") {
  World world;
  REQUIRE(world.client.refresh(kNow));
  const auto target = world.client.find("a");
  REQUIRE((target && *target));
  const std::string digest = to_hex(*(*target)->hashes.sha256);
  world.repository.files[cat(digest, ".a")] = to_blob(as_bytes("content of a"));
  CHECK(as_text(*world.client.download(world.repository, "a", **target)) == "content of a");
  world.repository.files[cat(digest, ".a")] = to_blob(as_bytes("content of b"));
  CHECK(world.client.download(world.repository, "a", **target).error().reason == tuf::kContentDiffers);
  CHECK(world.kept.documents.size() == 4);

  RepositoryClient later(world.repository, world.kept);
  REQUIRE(later.refresh(kNow));
  CHECK(world.repository.asked["timestamp.json"] == 2);
  CHECK(world.repository.asked["1.snapshot.json"] == 1);
  CHECK(world.repository.asked["1.targets.json"] == 1);
  CHECK(world.found("nothing") == "none");
}

TEST_CASE("rollback: an older timestamp or snapshot than the kept one is refused, also after a start") {
  World world;
  const auto older = world.repository.files;
  world.publish();
  REQUIRE(world.client.refresh(kNow));
  world.repository.files = older;
  CHECK(world.refusal() == tuf::kMetadataRolledBack);
  CHECK(RepositoryClient(world.repository, world.kept).refresh(kNow).error().reason == tuf::kMetadataRolledBack);
}

TEST_CASE("rollback: a snapshot that lists older targets than the kept one is refused") {
  World world;
  world.targets["targets"].header.version = 2;
  world.publish();
  REQUIRE(world.client.refresh(kNow));
  world.targets["targets"].header.version = 1;
  world.publish();
  CHECK(world.refusal() == tuf::kMetadataRolledBack);
}

TEST_CASE("indefinite freeze: what has expired is refused, although it is the newest and was good before") {
  World world;
  REQUIRE(world.client.refresh(kNow));
  CHECK(world.refusal(world.owner.expires) == tuf::kMetadataExpired);
  world.targets["targets"].header.expires = kNow;
  world.targets["targets"].header.version = 2;
  world.publish();
  CHECK(world.refusal() == tuf::kMetadataExpired);
  CHECK(as_text(world.kept.documents["targets"]).find("\"version\": 2") == std::string::npos);
}

TEST_CASE("endless data: no document is read beyond what is known of its length") {
  World world;
  world.repository.files["timestamp.json"].resize(tuf::kTimestampBytesMax + 1, ' ');
  CHECK(world.refusal() == ports::kRepositoryEndless);
  world.version = 0;
  world.publish();
  world.repository.files["1.snapshot.json"].push_back(' ');
  CHECK(world.refusal() == ports::kRepositoryEndless);
}

TEST_CASE("a document that is listed and missing is said to be missing") {
  World world;
  world.repository.files.erase("1.targets.json");
  CHECK(world.refusal() == kFileUnpublished);
}

TEST_CASE("kept metadata that somebody changed is fetched anew, and a changed root gives nobody a word") {
  World world;
  REQUIRE(world.client.refresh(kNow));
  for (const char* role : {"timestamp", "snapshot", "targets"}) world.kept.documents[role] = to_blob(as_bytes("{}"));
  CHECK(world.found("a") == "length 12");
  world.kept.documents.erase("root");
  CHECK(world.refusal() == kRootMissing);
}

TEST_CASE("delegations are asked in their order, the first that names a path is right, and what is terminating ends") {
  World world;
  world.delegate("targets", "first", {"os/*"}, false);
  world.delegate("targets", "second", {"os/*", "app/*"}, true);
  world.delegate("targets", "third", {"*/*"}, false);
  world.targets["second"].targets["os/x"] = target_of("22");
  world.targets["third"].targets["os/x"] = target_of("333");
  world.targets["third"].targets["app/y"] = target_of("333");
  world.targets["third"].targets["web/z"] = target_of("333");
  world.publish();
  CHECK(world.found("os/x") == "length 2");
  CHECK(world.found("app/y") == "none");
  CHECK(world.found("web/z") == "length 3");
  world.targets["first"].targets["os/x"] = target_of("1");
  world.targets["first"].header.version = 2;
  world.publish();
  CHECK(world.found("os/x") == "length 1");
}

TEST_CASE("extraneous words: a role says nothing of paths that were not given to it, nor do those it delegates to") {
  World world;
  world.delegate("targets", "maker", {"os/*"}, false);
  world.delegate("maker", "helper", {"*", "*/*"}, false);
  world.targets["maker"].targets["app/y"] = target_of("1");
  world.targets["helper"].targets["app/y"] = target_of("1");
  world.targets["helper"].targets["os/x"] = target_of("1");
  world.publish();
  CHECK(world.found("app/y") == "none");
  CHECK(world.found("os/x") == "length 1");
}

TEST_CASE("delegations in a circle end, and so does a chain without an end") {
  World world;
  world.delegate("targets", "back", {"os/*"}, false);
  world.delegate("back", "forth", {"os/*"}, false);
  world.delegate("forth", "back", {"os/*"}, false);
  std::string last = "targets";
  for (int i = 0; i < 40; ++i) {
    const std::string next = cat("z", i);
    world.delegate(last, next, {"long"}, false);
    last = next;
  }
  world.targets[last].targets["long"] = target_of("1");
  world.publish();
  CHECK(world.found("os/x") == "none");
  CHECK(world.found("long") == "none");
  CHECK(world.repository.asked.contains("1.z29.json"));
  CHECK_FALSE(world.repository.asked.contains("1.z35.json"));
}

TEST_CASE("fast-forward: new holders of timestamp and snapshot end what the old ones had signed far ahead") {
  World world;
  world.version = 1'000'000;
  world.publish();
  REQUIRE(world.client.refresh(kNow));
  world.version = 1;
  world.publish();
  CHECK(world.refusal() == tuf::kMetadataRolledBack);
  world.repository.files["2.root.json"] = world.owner.next_root(2, {kRootHolder, kTargetsHolder, 7, 8});
  const auto as = [&](std::uint8_t snapshot_holder, std::uint8_t timestamp_holder) {
    const Blob document = world.repository.files["1.targets.json"];
    const Blob snapshot = TufRepository::published(
        tuf::make_snapshot({{2, world.owner.expires}, {{"targets.json", TufRepository::meta_of(document, 1)}}}),
        {snapshot_holder});
    world.repository.files["2.snapshot.json"] = snapshot;
    world.repository.files["timestamp.json"] = TufRepository::published(
        tuf::make_timestamp({{2, world.owner.expires}, TufRepository::meta_of(snapshot, 2)}), {timestamp_holder});
  };
  as(kSnapshotHolder, kTimestampHolder);
  CHECK(world.refusal() == tuf::kThresholdMissed);
  as(7, 8);
  CHECK(world.found("a") == "length 12");
}

TEST_CASE("rollback: more holders of timestamp and snapshot than before end nothing") {
  World world;
  const auto older = world.repository.files;
  world.publish();
  REQUIRE(world.client.refresh(kNow));
  world.repository.files = older;
  tuf::RootDraft draft{.version = 2, .expires = world.owner.expires, .keys = {}, .roles = {}};
  for (const std::uint8_t number : {kRootHolder, kTargetsHolder, kSnapshotHolder, kTimestampHolder, std::uint8_t{9}}) {
    draft.keys.push_back(holder_key(number));
  }
  for (std::size_t i = 0; i < tuf::kRoleCount; ++i) draft.roles[i].keys = {4, i};
  world.repository.files["2.root.json"] = TufRepository::published(tuf::make_root(draft), {kRootHolder});
  CHECK(world.refusal() == tuf::kMetadataRolledBack);
}

TEST_CASE("kept metadata that cannot be read is fetched again, and nothing is found before a refresh") {
  World world;
  CHECK(world.client.find("a").error().reason == kUnrefreshed);
  REQUIRE(world.client.refresh(kNow));
  world.kept.unreadable = "targets";
  CHECK(world.found("a") == "length 12");
  CHECK(world.repository.asked["1.targets.json"] == 2);
}

TEST_CASE("a role's name is one segment of an address, whatever is in it") {
  CHECK(as_segment("../a b") == "..%2Fa%20b");
  CHECK(as_segment("..") == "%2E%2E");
  World world;
  world.delegate("targets", "m/../?#", {"os/*"}, false);
  world.targets["m/../?#"].targets["os/x"] = target_of("1");
  world.publish();
  world.repository.files["1.m%2F..%2F%3F%23.json"] = world.repository.files["1.m/../?#.json"];
  CHECK(world.found("os/x") == "length 1");
  CHECK(world.kept.documents.contains("m%2F..%2F%3F%23"));
}

}  // namespace holdfast::device::update
