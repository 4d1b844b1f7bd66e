#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/release_desk.h"
#include "trust/tpm/boot_policy.h"
#include "trust/update/seal_words.h"

namespace holdfast::cli::commands {
namespace {

using test::kConflict;
using test::kDone;
using test::kFailed;
using test::kNotFound;
using test::kUsage;

constexpr std::size_t kImageBytes = 3 * trust::update::kSealWordsBytes;
const std::string kAt = std::to_string(trust::update::kSealWordsBytes);
const std::string kFirmware(64, 'a');

std::string event(int pcr, const Digest256& digest) {
  return "{\"pcr\": " + std::to_string(pcr) + ", \"digest\": \"" + to_hex(digest) + "\", \"description\": \"x\"}";
}

struct Desk : test::ReleaseDesk {
  Digest256 system = trust::crypto::sha256(as_bytes("system"));

  Desk() {
    files.put("image", std::string(kImageBytes, '\0'));
    put_values({event(4, system), event(11, system), event(11, trust::tpm::separator_digest()), event(9, system)});
  }
  void put_values(const std::vector<std::string>& events) {
    files.put("values", R"({"component": "os", "version": "2.0", "security_version": 2, "events": [)" +
                            join(events, ", ") + "]}");
  }
  int seal(const std::vector<std::string>& more = {}, const std::string& at = kAt) {
    std::vector<std::string> words = {"release", "seal", "image", "--dir", "owner", "--reference-values",
                                      "values",  "--at", at};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  trust::update::SealWords words() {
    const auto image = files.read("image", kImageBytes);
    REQUIRE(image);
    const auto words = trust::update::parse_seal_words(
        Bytes(*image).subspan(trust::update::kSealWordsBytes, trust::update::kSealWordsBytes));
    REQUIRE(words);
    return *words;
  }
};

TEST_CASE("an image is sealed by the floor key of the folder, for the boots of its system by each firmware") {
  Desk desk;
  REQUIRE(desk.seal({"--firmware", kFirmware, "--firmware", std::string(64, 'b')}) == kDone);
  const auto words = desk.words();
  CHECK(words.security_version == 2);
  REQUIRE(words.escrow);
  const trust::update::GoodBoot boot{"os", trust::crypto::sha256(words.authority), words};
  CHECK(trust::update::verify_escrow(boot)->has_value());
  REQUIRE(words.boots.size() == 2);
  const auto key = trust::crypto::PublicKey::from_spki(words.authority);
  REQUIRE(key);
  const trust::tpm::BootState begin{*array_from_hex<32>(kFirmware), trust::crypto::sha256({Digest256{}, desk.system})};
  const auto parts = trust::update::seal_word_parts(*key, "os", 2, begin);
  CHECK(key->verify(trust::crypto::HashAlgorithm::Sha256, parts->open, words.boots[0].open));
  CHECK(key->verify(trust::crypto::HashAlgorithm::Sha256, parts->use, words.boots[0].use));
  REQUIRE(desk.run({"release", "authority", "--dir", "owner"}) == kDone);
  CHECK(desk.printed.find(to_hex(trust::crypto::sha256(words.authority))) != std::string::npos);
  // Sealed anew it has other signatures of the same; with two floor keys nobody knows which one devices began with.
  CHECK(desk.seal({"--firmware", kFirmware}) == kDone);
  REQUIRE(desk.run({"release", "make-key", "floor", "--dir", "owner"}) == kDone);
  CHECK(desk.seal({"--firmware", kFirmware}) == kConflict);
  CHECK(desk.run({"release", "authority", "--dir", "owner"}) == kConflict);
}

TEST_CASE("what would open nothing, or has no room, is refused and left as it was") {
  Desk desk;
  const auto before = desk.files.read("image", kImageBytes);
  CHECK(desk.seal({"--firmware", "aa"}) == kUsage);
  CHECK(desk.seal({"--firmware", kFirmware}, std::to_string(kImageBytes - 1)) == kFailed);
  desk.put_values({event(11, desk.system)});
  CHECK(desk.seal({"--firmware", kFirmware}) == kFailed);
  CHECK(desk.files.read("image", kImageBytes) == before);
  desk.files.put("image", std::string(kImageBytes, 'x'));
  desk.put_values({event(11, desk.system), event(11, trust::tpm::separator_digest())});
  CHECK(desk.seal({"--firmware", kFirmware}) == kFailed);
  REQUIRE(desk.run({"release", "authority", "--dir", "images"}) == kNotFound);
}

}  // namespace
}  // namespace holdfast::cli::commands
