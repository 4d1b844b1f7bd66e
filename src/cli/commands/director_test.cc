#include <doctest/doctest.h>

#include "base/encoding.h"
#include "cli/release_desk.h"
#include "owner_keys.h"
#include "trust/tuf/offline_targets.h"
#include "wire/bundle.h"
#include "wire/carried.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using test::kDenied;
using test::kDone;
using test::kFailed;
using test::kNotFound;
using test::kUsage;

constexpr std::uint8_t kService = 5;
constexpr const char* kImage = "door/1.0/image";
const tuf::Recipient kDevice{"hf-one", "gateway", "field"};

/// A service that keeps the trust policy that it is given, and an owner whose offline director has a key in the folder.
struct DirectorDesk : test::ReleaseDesk {
  DirectorDesk() {
    REQUIRE(publish("door-1", "1.0") == kDone);
    REQUIRE(run({"release", "make-key", "director", "--dir", "owner"}) == kDone);
    log_in("fleet");
    service.answers("POST /v1/catalogs/fleet/director",
                    json::Object{{"public_key", to_base64(holder_key(kService).spki())}});
    auto config = *parse_config(files.files.at("config.json").bytes);
    config.service_ca_sha256 = trust::crypto::sha256(service_ca);
    files.put("config.json", as_text(dump_config(config).expose()), Access::OwnerOnly);
    service.answers("GET /v1/service", json::Object{{"device_urls", json::Array{"https://127.0.0.1:8443"}},
                                                    {"service_ca", to_base64(service_ca)}});
    service.rows["GET /v1/catalogs/fleet/owner-documents"] = [this](const auto&) {
      json::Value out = json::Object{{"roots", json::Array{to_base64(owner().roots().front())}}};
      if (policy_document) out.set("trust_policy", to_base64(*policy_document));
      return out;
    };
    service.rows["PUT /v1/catalogs/fleet/trust-policy"] = [this](const auto& request) {
      policy_document = *from_base64(*json::parse(as_bytes(request.body))->find("document")->text());
      return json::Object{};
    };
  }

  int appoint(const std::vector<std::string>& more = {"--offline-key", "owner/director-key-1.pub"}) {
    std::vector<std::string> words = {"director", "appoint", "--owner", "owner"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  int sign(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"director",     "sign",   kImage,  "--catalog", "fleet",
                                      "--repository", "images", "--dir", "owner"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  trust::Verified<tuf::TrustPolicy> policy() {
    auto out = tuf::verify_trust_policy(*policy_document, owner().root(), "fleet", {});
    REQUIRE(out);
    return *std::move(out);
  }
  Result<trust::Verified<tuf::DirectorTargets>> word(const tuf::Audience& audience = {}, std::int64_t seen = 0) {
    const auto& bytes = files.files.at("images/" + wire::carried_word("fleet", audience)).bytes;
    return tuf::verify_offline_targets(bytes, policy(), kDevice, seen);
  }

  Blob service_ca{0x30, 0x00};
  std::optional<Blob> policy_document;
};

TEST_CASE("an offline director is appointed beside the service's, stays with the next, and is dismissed alone") {
  DirectorDesk desk;
  REQUIRE(desk.appoint({"--offline-key", "owner/director-key-1.pub", "--confirm-offline-after", "15min"}) == kDone);
  CHECK(desk.policy()->director->keys.front().id == tuf_key(kService).id);
  CHECK(desk.policy()->offline_director->confirm_after == minutes(15));
  CHECK(desk.policy()->offline_director->director.role.threshold == 1);
  REQUIRE(desk.appoint({}) == kDone);
  CHECK(desk.policy()->version == 2);
  CHECK(desk.policy()->offline_director);
  REQUIRE(desk.run({"director", "dismiss", "--offline", "--owner", "owner"}) == kDone);
  CHECK(desk.policy()->director);
  CHECK_FALSE(desk.policy()->offline_director);
  CHECK(desk.appoint({"--confirm-offline-after", "15min"}) == kUsage);
}

TEST_CASE("a word names released images for everybody, a group or a device, and talks to no service") {
  DirectorDesk desk;
  REQUIRE(desk.appoint() == kDone);
  desk.service.requests.clear();
  REQUIRE(desk.sign() == kDone);
  REQUIRE(desk.sign({"--product", "gateway", "--device-group", "field"}) == kDone);
  REQUIRE(desk.sign({"--device", "hf-one", "--life", "300d"}) == kDone);
  CHECK(desk.service.requests.empty());
  REQUIRE(desk.word());
  const auto for_one = desk.word({"hf-one", "", ""}, 3);
  REQUIRE(for_one);
  CHECK((*for_one)->version == 3);
  CHECK((*for_one)->expires == desk.clock.at + days(300));
  CHECK((*for_one)->images.at(kImage).length == 14);
  CHECK((*desk.word({"", "gateway", "field"}))->version == 2);
  CHECK(desk.files.files.at("images/" + wire::carried_trust_policy("fleet")).bytes == *desk.policy_document);
}

TEST_CASE("versions of words go on where the repository was made anew") {
  DirectorDesk desk;
  REQUIRE(desk.appoint() == kDone);
  REQUIRE(desk.sign() == kDone);
  desk.files.files.erase("images/" + wire::carried_word("fleet", {}));
  REQUIRE(desk.sign() == kDone);
  CHECK((*desk.word())->version == 2);
  desk.files.files.erase("owner/fleet/offline-director.json");
  REQUIRE(desk.sign() == kDone);
  CHECK((*desk.word())->version == 3);
}

TEST_CASE("a bundle takes the words and the trust policy along") {
  DirectorDesk desk;
  REQUIRE(desk.appoint() == kDone);
  REQUIRE(desk.sign() == kDone);
  REQUIRE(desk.release("bundle", {"--out", "images.tar"}) == kDone);
  const Bytes bundle = desk.files.files.at("images.tar").bytes;
  const auto length = wire::bundle_index_bytes(bundle.first(wire::kTarBlockBytes));
  REQUIRE(length);
  const auto index = wire::read_bundle_index(bundle.subspan(wire::kTarBlockBytes, *length), std::ssize(bundle));
  REQUIRE(index);
  CHECK(index->contains(wire::carried_word("fleet", {})));
  CHECK(index->contains(wire::carried_trust_policy("fleet")));
  const wire::BundleRange root = index->at("metadata/1.root.json");
  CHECK(to_blob(bundle.subspan(static_cast<std::size_t>(root.offset), static_cast<std::size_t>(root.length))) ==
        desk.owner().roots().front());
}

TEST_CASE("what was not released, for longer than a year, or without the key is not signed") {
  DirectorDesk desk;
  CHECK(desk.sign() == kNotFound);  // no trust policy was published
  REQUIRE(desk.appoint({}) == kDone);
  CHECK(desk.sign() == kDenied);
  REQUIRE(desk.appoint() == kDone);
  CHECK(desk.sign({"door/9.9/image"}) == kNotFound);
  CHECK(desk.sign({"--life", "400d"}) == kFailed);
  CHECK(desk.sign({"--product", "gateway"}) == kUsage);
  CHECK(desk.sign({"--device", "hf-one", "--product", "gateway", "--device-group", "field"}) == kUsage);
  desk.files.files.erase("owner/director-key-1.pem");
  CHECK(desk.sign() == kDenied);
  CHECK_FALSE(desk.files.files.contains("images/" + wire::carried_word("fleet", {})));
}

TEST_CASE("a lowered time floor is the owner's word for one policy, and not repeated by the next") {
  DirectorDesk desk;
  REQUIRE(desk.appoint() == kDone);
  REQUIRE(desk.run({"owner", "trust-policy", "set", "--dir", "owner", "--lower-time-floor", "2027-03-01T00:00:00Z",
                    "--time-floor-device", "hf-one"}) == kDone);
  REQUIRE(desk.policy()->time_floor);
  CHECK(desk.policy()->time_floor->time == *parse_rfc3339("2027-03-01T00:00:00Z"));
  CHECK(desk.policy()->time_floor->device == "hf-one");
  REQUIRE(desk.appoint() == kDone);
  CHECK_FALSE(desk.policy()->time_floor);
  CHECK(desk.run({"owner", "trust-policy", "set", "--dir", "owner", "--time-floor-device", "hf-one"}) == kUsage);
}

}  // namespace
}  // namespace holdfast::cli::commands
