#include <doctest/doctest.h>

#include <algorithm>

#include "cli/release_desk.h"

namespace holdfast::cli::commands {
namespace {

using test::kConflict;
using test::kDenied;
using test::kDone;
using test::kFailed;
using test::kUsage;
using test::ReleaseDesk;

/// Each role has a key of its own, all of them in the owner's folder.
struct SeparateDesk : ReleaseDesk {
  SeparateDesk() {
    for (const char* role : {"targets", "snapshot", "timestamp"}) {
      REQUIRE(run({"release", "rotate", role, "--dir", "owner"}) == kDone);
    }
    REQUIRE(run({"owner", "adopt", "owner/2.root.draft.json", "--dir", "owner"}) == kDone);
    REQUIRE(release("publish") == kDone);
  }
};

TEST_CASE("each role gets keys of its own, and what was published by the former ones is signed anew") {
  SeparateDesk desk;
  const auto owner = desk.owner();
  for (std::size_t i = 0; i < trust::tuf::kRoleCount; ++i) {
    CHECK(owner.root()->roles[i].key_ids.size() == 1);
    for (std::size_t j = 0; j < i; ++j) CHECK(owner.root()->roles[i].key_ids != owner.root()->roles[j].key_ids);
  }
  desk.files.files.erase("owner/root-key-1.pem");
  CHECK(desk.publish("door-1", "1.0") == kDone);
  CHECK(desk.repository()->images().size() == 1);
}

TEST_CASE("a role is not rotated by fewer keys than its threshold") {
  ReleaseDesk desk;
  CHECK(desk.run({"release", "rotate", "targets", "--dir", "owner", "--threshold", "2"}) == kFailed);
  CHECK(desk.run({"release", "rotate", "director", "--dir", "owner"}) == kUsage);
  CHECK(desk.run({"release", "rotate", "targets", "--new-keys", "0", "--dir", "owner"}) == kFailed);
}

TEST_CASE("a root that was not signed by the root keys is not taken") {
  ReleaseDesk desk;
  const auto key = desk.files.files.at("owner/root-key-1.pem");
  REQUIRE(desk.run({"release", "rotate", "root", "--dir", "owner"}) == kDone);
  CHECK(desk.run({"owner", "adopt", "owner/2.root.draft.json", "--dir", "owner"}) == kDone);
  desk.files.files.erase("owner/2.root.json");
  desk.files.files.erase("owner/2.root.draft.json");
  desk.files.files.erase("owner/root-key-1.pem");
  CHECK(desk.run({"release", "rotate", "root", "--dir", "owner"}) == kDone);
  CHECK(desk.printed.find("It needs 1 of 1 signatures by keys of root 1") != std::string::npos);
  CHECK(desk.run({"owner", "adopt", "owner/2.root.draft.json", "--dir", "owner"}) == kFailed);
  desk.files.files["owner/root-key-1.pem"] = key;
  CHECK(desk.run({"owner", "sign", "owner/2.root.draft.json", "--dir", "owner"}) == kDone);
  CHECK(desk.run({"owner", "adopt", "owner/2.root.draft.json", "--dir", "owner"}) == kDone);
}

TEST_CASE("renewing the root leaves the keys of the other roles as they are") {
  SeparateDesk desk;
  const auto before = desk.owner().root()->roles;
  REQUIRE(desk.run({"owner", "renew", "--dir", "owner", "--add-keys", "1"}) == kDone);
  REQUIRE(desk.run({"owner", "adopt", "owner/3.root.draft.json", "--dir", "owner"}) == kDone);
  const auto owner = desk.owner();
  CHECK(owner.root()->roles[0].key_ids.size() == 2);
  for (std::size_t i = 1; i < trust::tuf::kRoleCount; ++i) {
    CHECK(owner.root()->roles[i].key_ids == before[i].key_ids);
  }
}

/// Two of two keys for targets, the second with a holder of its own.
struct TwoHolders : SeparateDesk {
  TwoHolders() {
    for (const char* file : {"owner/1.root.json", "owner/2.root.json"}) {
      files.files[std::string("bob") + std::string(file).substr(5)] = files.files.at(file);
    }
    REQUIRE(run({"release", "make-key", "targets", "--dir", "bob"}) == kDone);
    REQUIRE(run({"release", "add-key", "targets", "--key", "bob/targets-key-1.pub", "--threshold", "2", "--dir",
                 "owner"}) == kDone);
    REQUIRE(run({"owner", "adopt", "owner/3.root.draft.json", "--dir", "owner"}) == kDone);
    REQUIRE(run({"owner", "adopt", "owner/3.root.draft.json", "--dir", "bob"}) == kDone);
    publish_by_both();
  }
  int release_sign() { return run({"release", "sign", "owner/targets.draft.json", "--dir", "owner"}); }
  int sign_as_bob() { return run({"release", "sign", "owner/targets.draft.json", "--dir", "bob"}); }
  void publish_by_both() {
    REQUIRE(release("publish") == kDone);
    REQUIRE(sign_as_bob() == kDone);
    REQUIRE(release("publish") == kDone);
  }
};

TEST_CASE("what needs a second holder waits as a draft, and is published once both have signed") {
  TwoHolders desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  CHECK(desk.printed.find("waits for signatures") != std::string::npos);
  CHECK(desk.repository()->images().empty());
  REQUIRE(desk.release("publish") == kDone);
  CHECK(desk.repository()->images().empty());
  REQUIRE(desk.sign_as_bob() == kDone);
  CHECK(desk.printed.find("door/1.0/image") != std::string::npos);
  REQUIRE(desk.release("publish") == kDone);
  CHECK(desk.printed.find("is published") != std::string::npos);
  CHECK(desk.repository()->images().size() == 1);
}

TEST_CASE("what is added to a draft is signed anew, and all of it is published together") {
  TwoHolders desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  REQUIRE(desk.sign_as_bob() == kDone);
  REQUIRE(desk.publish("door-2", "2.0") == kDone);
  CHECK(desk.printed.find("waits for signatures") != std::string::npos);
  CHECK(desk.publish("door-2", "1.0") == kConflict);
  REQUIRE(desk.sign_as_bob() == kDone);
  REQUIRE(desk.release("publish") == kDone);
  CHECK(desk.repository()->images().size() == 2);
}

TEST_CASE("a draft that somebody changed on its way has lost its signatures, and nobody signs it unseen") {
  TwoHolders desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  auto& draft = desk.files.files.at("owner/targets.draft.json").bytes;
  std::string text = to_text(draft);
  text.replace(text.find("gateway"), 7, "getaway");
  draft = to_blob(as_bytes(text));
  REQUIRE(desk.sign_as_bob() == kDone);
  REQUIRE(desk.release("publish") == kDone);
  CHECK(desk.printed.find("It needs 1 of 2 signatures") != std::string::npos);
  CHECK(desk.repository()->images().empty());
  CHECK(desk.publish("door-2", "2.0") == kConflict);
  CHECK(desk.repository()->images().empty());
  // Whoever has read it may sign it.
  REQUIRE(desk.release_sign() == kDone);
  REQUIRE(desk.release("publish") == kDone);
  CHECK(desk.repository()->images().at("door/1.0/image").image.product == "getaway");
}

TEST_CASE("a draft of a root that somebody changed on its way is not signed by changing it once more") {
  TwoHolders desk;
  REQUIRE(desk.run({"release", "rotate", "timestamp", "--dir", "owner"}) == kDone);
  auto& draft = desk.files.files.at("owner/4.root.draft.json").bytes;
  std::string text = to_text(draft);
  text.replace(text.find("\"threshold\": 2"), 14, "\"threshold\": 1");
  draft = to_blob(as_bytes(text));
  CHECK(desk.run({"release", "rotate", "timestamp", "--dir", "owner"}) == kConflict);
  desk.files.files.erase("owner/4.root.draft.json");
  CHECK(desk.run({"release", "rotate", "timestamp", "--dir", "owner"}) == kDone);
}

TEST_CASE("whoever holds no key of a role signs none of its drafts") {
  TwoHolders desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  desk.files.files["eve/1.root.json"] = desk.files.files.at("owner/1.root.json");
  REQUIRE(desk.run({"release", "make-key", "targets", "--dir", "eve"}) == kDone);
  CHECK(desk.run({"release", "sign", "owner/targets.draft.json", "--dir", "eve"}) != kDone);
  desk.files.files["eve/2.root.json"] = desk.files.files.at("owner/2.root.json");
  desk.files.files["eve/3.root.json"] = desk.files.files.at("owner/3.root.json");
  CHECK(desk.run({"release", "sign", "owner/targets.draft.json", "--dir", "eve"}) == kDenied);
}

TEST_CASE("a machine with the timestamp's key alone says anew what is there, and nothing else") {
  SeparateDesk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  for (const auto& [file, content] : std::map(desk.files.files)) {
    if (file.starts_with("owner/") &&
        (file.find("root.json") != file.npos || file.find("timestamp-key") != file.npos)) {
      desk.files.files["clock" + file.substr(5)] = content;
    }
  }
  desk.clock.at = desk.clock.at + days(1);
  const auto before = desk.repository()->published();
  REQUIRE(desk.run({"release", "publish", "--repository", "images", "--dir", "clock", "--life", "2d"}) == kDone);
  const auto now = desk.repository()->published();
  CHECK(now.timestamp.header.version == before.timestamp.header.version + 1);
  CHECK(now.timestamp.header.expires == desk.clock.at + days(2));
  CHECK(now.snapshot.header.version == before.snapshot.header.version);
  REQUIRE(desk.run({"release", "publish", "door-2", "--kind", "application", "--product", "gateway", "--hardware",
                    "board-a", "--component", "door", "--version", "2.0", "--security-version", "1", "--repository",
                    "images", "--dir", "clock"}) == kDone);
  CHECK(desk.printed.find("waits for signatures") != std::string::npos);
  CHECK(desk.repository()->images().size() == 1);
}

TEST_CASE("targets, snapshot and timestamp may each wait for a holder elsewhere, one after another") {
  SeparateDesk desk;
  for (const char* role : {"snapshot", "timestamp"}) {
    for (const auto& [file, content] : std::map(desk.files.files)) {
      const bool is_key = file.starts_with(cat("owner/", role, "-key-"));
      if (!is_key && file.find(".root.json") == std::string::npos) continue;
      if (file.starts_with("owner/")) desk.files.files[cat(role, file.substr(5))] = content;
      if (is_key) desk.files.files.erase(file);
    }
  }
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  for (const std::string role : {"snapshot", "timestamp"}) {
    CHECK(desk.printed.find("release sign owner/" + role + ".draft.json") != std::string::npos);
    CHECK(desk.repository()->images().empty());
    REQUIRE(desk.run({"release", "sign", cat("owner/", role, ".draft.json"), "--dir", role}) == kDone);
    REQUIRE(desk.release("publish") == kDone);
  }
  CHECK(desk.printed.find("is published") != std::string::npos);
  CHECK(desk.repository()->images().size() == 1);
}

TEST_CASE("a repository is made by several holders as well") {
  test::CommandLine line;
  REQUIRE(line.run({"owner", "init", "--dir", "owner", "--keys", "2", "--threshold", "2"}) == kDone);
  const auto second = line.files.files.extract("owner/root-key-2.pem");
  line.files.files["bob/1.root.json"] = line.files.files.at("owner/1.root.json");
  line.files.files["bob/root-key-2.pem"] = second.mapped();
  const std::vector<std::string> init = {"release", "init", "--repository", "images", "--dir", "owner"};
  for (const std::string role : {"targets", "snapshot", "timestamp"}) {
    REQUIRE(line.run(init) == kDone);
    CHECK(line.printed.find("holdfast release init") != std::string::npos);
    REQUIRE(line.run({"release", "sign", cat("owner/", role, ".draft.json"), "--dir", "bob"}) == kDone);
  }
  REQUIRE(line.run(init) == kDone);
  CHECK(line.printed.find("ready and empty") != std::string::npos);
  CHECK(line.run(init) == kConflict);
}

/// A token in memory.
class MemoryToken final : public ports::Token {
 public:
  explicit MemoryToken(std::map<std::string, std::shared_ptr<ports::Signer>>& keys) : keys_(keys) {}
  Result<Key> make(const std::string& label) override {
    const std::string reference = "pkcs11:type=private;id=%" + std::to_string(10 + keys_.size());
    auto entropy = Blob(48, static_cast<std::uint8_t>(label.size() + keys_.size()));
    auto key = trust::crypto::PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, entropy);
    auto signer = owner::signer_of(*std::move(key));
    keys_[reference.substr(reference.find("id="))] = signer;
    return Key{reference, signer->public_key()};
  }
  Result<std::shared_ptr<ports::Signer>> open(const std::string& reference) override {
    const std::string id = reference.substr(reference.find("id="), 6);
    const auto key = keys_.find(id);
    if (key != keys_.end()) return key->second;
    return fail(Next::NotFound, ports::kTokenKeyMissing, "expected the key in the token, saw none");
  }
  Result<void> destroy(const std::string&) override { return {}; }

 private:
  std::map<std::string, std::shared_ptr<ports::Signer>>& keys_;
};

TEST_CASE("a role's key that is in a token signs as one in a file, and of it the folder has its place alone") {
  ReleaseDesk desk;
  std::map<std::string, std::shared_ptr<ports::Signer>> keys;
  std::vector<std::string> opened;
  desk.world.open_token = [&](TokenPlace place) -> Result<std::unique_ptr<ports::Token>> {
    opened.push_back(place.uri);
    return std::make_unique<MemoryToken>(keys);
  };
  const std::string uri = "pkcs11:token=desk?module-path=/usr/lib/module.so";
  for (const char* role : {"targets", "snapshot"}) {
    REQUIRE(desk.run({"release", "rotate", role, "--dir", "owner", "--token", uri, "--token-pin", "/etc/a pin"}) ==
            kDone);
  }
  REQUIRE(desk.run({"owner", "adopt", "owner/2.root.draft.json", "--dir", "owner"}) == kDone);
  CHECK(desk.files.text("owner/targets-key-1.uri") ==
        "pkcs11:token=desk;type=private;id=%10?module-path=/usr/lib/module.so&pin-source=file:/etc/a%20pin\n");
  CHECK_FALSE(desk.files.files.contains("owner/targets-key-1.pem"));
  opened.clear();
  CHECK(desk.publish("door-1", "1.0") == kDone);
  CHECK(opened == std::vector<std::string>{uri + "&pin-source=file:/etc/a%20pin"});
  CHECK(desk.repository()->images().size() == 1);
  desk.world.open_token = {};
  CHECK(desk.publish("door-2", "2.0") == kFailed);
}

TEST_CASE("a repository that was taken back to an older state is refused where it was published from") {
  ReleaseDesk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  const auto older = desk.files.files;
  REQUIRE(desk.publish("door-2", "2.0") == kDone);
  for (const auto& [file, content] : older) {
    if (file.starts_with("images/")) desk.files.files[file] = content;
  }
  CHECK(desk.release("list") == kFailed);
  CHECK(desk.release("publish") == kFailed);
  CHECK(fails_with(desk.repository(), release::kRepositoryRolledBack));
  desk.files.files.erase("images/metadata/timestamp.json");
  CHECK(desk.release("init") == kConflict);
}

TEST_CASE("behind a change of keys nothing but what was published from here is signed anew") {
  ReleaseDesk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  const auto thief = desk.files.files;
  REQUIRE(desk.run({"release", "rotate", "targets", "--dir", "owner"}) == kDone);
  REQUIRE(desk.run({"owner", "adopt", "owner/2.root.draft.json", "--dir", "owner"}) == kDone);
  ReleaseDesk stolen;
  stolen.files.files = thief;
  REQUIRE(stolen.publish("door-2", "6.6") == kDone);
  const auto honest = desk.files.files;
  for (const auto& [file, content] : stolen.files.files) {
    if (file.starts_with("images/")) desk.files.files[file] = content;
  }
  CHECK(desk.release("publish") == kFailed);
  desk.files.files = honest;
  CHECK(desk.release("publish") == kDone);
  CHECK(desk.repository()->images().size() == 1);
}

}  // namespace
}  // namespace holdfast::cli::commands
