// What a chip lets nobody do with a floor, and what becomes of one that was cut, cleared or defined anew.
#include "linux/tpm/tpm_floor.h"

#include "floor_words.h"
#include "linux/slots/file_floor.h"
#include "linux/system/files.h"
#include "linux/tpm/floor_index_held.h"
#include "powered_tpm.h"

namespace holdfast::linux::tpm {
namespace {

using tests::must;
using tests::reason;
using trust::tpm::FloorWrite;

constexpr std::uint8_t kOwner = 7;
constexpr std::uint8_t kNextOwner = 8;

/// A chip of the test's own, and the floor in it.
struct Desk {
  tests::TemporaryFolder folder;
  tests::PoweredTpm chip;
  TpmVault vault{chip.connection_string()};
  slots::FileFloor seen{folder.path() / "seen.json"};
  slots::FileFloor beside{folder.path() / "beside.json"};
  TpmFloor floor{vault, seen, beside};

  explicit Desk(const tests::Chips& both) : chip(both.one, folder.path() / "chip") {}

  Result<void> raise(std::int64_t version, std::uint8_t by = kOwner) {
    const auto word = vault_word_by(by, "os", version);
    return floor.raise("os", version, &word);
  }
  // To the chip, past TpmFloor.
  Result<void> write(FloorWrite how, std::int64_t version, const ports::FloorWord& word, std::uint8_t by = kOwner) {
    const auto authority = trust::tpm::authority_area(holder_key(by));
    return with_chip([&](Burst& burst) -> Result<void> {
      const auto index = TRY(find_floor(burst, "os"));
      return write_floor(burst, index->nv, how, {"os", authority, version, word});
    });
  }
  Result<void> define(std::uint8_t by = kOwner, std::string_view password = "") {
    const auto authority = trust::tpm::authority_area(holder_key(by));
    const auto word = vault_word_by(by, "os", 1);
    return with_chip([&](Burst& burst) -> Result<void> {
      TRY(define_floor(burst, {"os", authority, 1, word}, password));
      return {};
    });
  }
  Result<void> undefine() {
    return with_chip(
        [&](Burst& burst) -> Result<void> { return undefine_floor(burst, *TRY(find_floor(burst, "os"))); });
  }

 private:
  template <class Operation>
  auto with_chip(Operation operation) -> decltype(operation(std::declval<Burst&>())) {
    vault.release();
    std::optional<Endorsement> known;
    const auto burst = TRY(Burst::open(chip.connection_string(), known));
    return operation(*burst);
  }
};

std::unique_ptr<Desk> desk() {
  tests::Chips* both = tests::chips();
  return both == nullptr ? nullptr : std::make_unique<Desk>(*both);
}

TEST_CASE("rollback: an earlier release's word lowers no floor, though its signature is good") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(3));
  REQUIRE(at->raise(5));
  CHECK(reason(at->write(FloorWrite::Raise, 3, vault_word_by(kOwner, "os", 3))) == "vault-refused");
  CHECK(reason(at->write(FloorWrite::Raise, 5, vault_word_by(kOwner, "os", 5))) == "vault-refused");
  CHECK(reason(at->write(FloorWrite::Lay, 3, vault_word_by(kOwner, "os", 3))) == "vault-refused");
  CHECK(must(at->floor.read("os")).lowest == 5);
  CHECK(must(at->beside.read("os")).lowest == 0);
}

TEST_CASE("nobody raises a floor but with its authority's word for that component and version") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(3));
  CHECK(reason(at->write(FloorWrite::Raise, 9, vault_word_by(kOwner, "os", 8))) == "vault-refused");
  CHECK(reason(at->write(FloorWrite::Raise, 9, vault_word_by(kOwner, "app", 9))) == "vault-refused");
  CHECK(reason(at->write(FloorWrite::Raise, 9, vault_word_by(kNextOwner, "os", 9))) == "vault-refused");
  CHECK(reason(at->write(FloorWrite::Raise, 9, vault_word_by(kNextOwner, "os", 9), kNextOwner)) == "vault-refused");
  CHECK(must(at->floor.read("os")).lowest == 3);
  REQUIRE(at->write(FloorWrite::Raise, 9, vault_word_by(kOwner, "os", 9)));
  CHECK(must(at->floor.read("os")).lowest == 9);
}

TEST_CASE("a cut between the definition of a floor and its first write is mended by the next word") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->define());
  CHECK(must(at->floor.read("os")).lowest == 0);
  CHECK(reason(at->write(FloorWrite::Raise, 2, vault_word_by(kOwner, "os", 2))) == "vault-refused");
  REQUIRE(at->raise(2));
  CHECK(must(at->floor.read("os")).lowest == 2);
}

TEST_CASE("a cut before the chip's floor is remembered leaves the higher one") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(2));
  REQUIRE(at->write(FloorWrite::Raise, 4, vault_word_by(kOwner, "os", 4)));
  CHECK(must(at->floor.read("os")).lowest == 4);
  REQUIRE(at->raise(4));
  REQUIRE(at->undefine());
  CHECK(must(at->floor.read("os")).is_missing);
}

TEST_CASE("a floor that was defined anew is missing, also when its first word is said again") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(1));
  REQUIRE(at->raise(5));
  REQUIRE(at->undefine());
  CHECK(must(at->floor.read("os")).is_missing);
  REQUIRE(at->define());
  CHECK(must(at->floor.read("os")).is_missing);
  REQUIRE(at->write(FloorWrite::Lay, 1, vault_word_by(kOwner, "os", 1)));
  CHECK(must(at->floor.read("os")).is_missing);
  REQUIRE(at->raise(5));
  CHECK(must(at->floor.read("os")).lowest == 5);
}

TEST_CASE("a cleared chip has lost its floor, and takes it again with a word") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(5));
  at->vault.release();
  must(at->chip.platform().clear());
  CHECK(must(at->floor.read("os")).is_missing);
  REQUIRE(at->raise(6));
  CHECK(must(at->floor.read("os")).lowest == 6);
}

TEST_CASE("a floor comes under its next authority when that raises it, never lower") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(5));
  REQUIRE(at->raise(4, kNextOwner));
  CHECK(must(at->floor.read("os")).lowest == 5);
  REQUIRE(at->write(FloorWrite::Raise, 6, vault_word_by(kOwner, "os", 6)));
  REQUIRE(at->raise(7, kNextOwner));
  CHECK(must(at->floor.read("os")).lowest == 7);
  CHECK(reason(at->write(FloorWrite::Raise, 9, vault_word_by(kOwner, "os", 9))) == "vault-refused");
  REQUIRE(at->write(FloorWrite::Raise, 8, vault_word_by(kNextOwner, "os", 8), kNextOwner));
}

TEST_CASE("what the chip holds counts whatever the disk says, and the next word mends the disk") {
  const auto at = desk();
  if (!at) return;
  for (const std::string_view file : {"seen.json", "beside.json"}) {
    for (const std::string_view text : {"nonsense", R"({"os":"two"})"}) {
      REQUIRE(at->raise(5));
      REQUIRE(system::write_file(at->folder.path() / file, as_bytes(text), system::FileMode::Private));
      CHECK(must(at->floor.read("os")).lowest == 5);
      CHECK(must(at->floor.read("os")).is_missing);
      REQUIRE(at->raise(5));
      CHECK_FALSE(must(at->floor.read("os")).is_missing);
    }
  }
  REQUIRE(at->seen.remember("os", 9));
  CHECK(must(at->floor.read("os")).is_missing);
  REQUIRE(at->raise(5));
  CHECK_FALSE(must(at->floor.read("os")).is_missing);
}

TEST_CASE("a release without a word, on a chip that was cleared, is kept beside it") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(5));
  at->vault.release();
  must(at->chip.platform().clear());
  REQUIRE(at->floor.raise("os", 6, nullptr));
  CHECK(must(at->floor.read("os")).lowest == 6);
  CHECK_FALSE(must(at->floor.read("os")).is_missing);
}

TEST_CASE("an index of another authority that this device did not lay stays") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->define(kNextOwner));
  REQUIRE(at->write(FloorWrite::Lay, 2, vault_word_by(kNextOwner, "os", 2), kNextOwner));
  for (const std::int64_t version : {2, 3, 3}) {
    REQUIRE(at->raise(version));
    CHECK(must(at->floor.read("os")).lowest == version);
  }
  REQUIRE(at->write(FloorWrite::Raise, 4, vault_word_by(kNextOwner, "os", 4), kNextOwner));
}

TEST_CASE("a thief of the disk has no floor erased by a word that nobody signed, nor by a key that signs no word") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(5));
  auto forged = vault_word_by(kNextOwner, "os", 9);
  forged.lay = vault_word_by(kNextOwner, "os", 8).lay;
  REQUIRE(at->floor.raise("os", 9, &forged));
  CHECK(must(at->floor.read("os")).held == 5);
  forged = vault_word_by(kOwner, "os", 9);
  forged.authority = must(trust::crypto::PublicKey::from_ed25519(Blob(32, 9))).spki();
  REQUIRE(at->floor.raise("os", 9, &forged));
  forged.authority = {1, 2, 3};
  REQUIRE(at->floor.raise("os", 9, &forged));
  CHECK(must(at->floor.read("os")).held == 5);
  REQUIRE(at->write(FloorWrite::Raise, 6, vault_word_by(kOwner, "os", 6)));
}

TEST_CASE(
    "what was put in a floor's place gives way to the floor again, also where a password keeps it from being read") {
  const auto at = desk();
  if (!at) return;
  REQUIRE(at->raise(5));
  REQUIRE(at->undefine());
  REQUIRE(at->define(kOwner, "secret"));
  REQUIRE(at->write(FloorWrite::Lay, 1, vault_word_by(kOwner, "os", 1)));
  CHECK(must(at->floor.read("os")).is_missing);
  REQUIRE(at->raise(5));
  CHECK(must(at->floor.read("os")).held == 5);
  REQUIRE(at->undefine());
  at->vault.release();
  must(at->chip.platform().provision_nv(trust::tpm::floor_handle("os"), Blob(12, 1)));
  CHECK(must(at->floor.read("os")).is_missing);
  REQUIRE(at->raise(6));  // by the platform, and no owner takes it away: beside it
  CHECK(must(at->floor.read("os")).lowest == 6);
  CHECK(must(at->beside.read("os")).lowest == 6);
}

TEST_CASE("where somebody keeps something else the floor stays beside the chip") {
  const auto at = desk();
  if (!at) return;
  must(at->chip.platform().provision_nv(trust::tpm::floor_handle("os"), Blob(12, 1)));
  REQUIRE(at->raise(3));
  CHECK(must(at->floor.read("os")).lowest == 3);
  CHECK(must(at->beside.read("os")).lowest == 3);
}

}  // namespace
}  // namespace holdfast::linux::tpm
