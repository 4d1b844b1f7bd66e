// Who has no password does to a chip what an owner may: nothing. With a chip of its own for each case.
#include "linux/tpm/ownership.h"

#include "floor_words.h"
#include "linux/slots/file_floor.h"
#include "linux/tpm/tpm_floor.h"
#include "powered_tpm.h"

namespace holdfast::linux::tpm {
namespace {

using tests::must;
using tests::reason;

Secret password(std::uint8_t of) { return Secret(Blob(trust::update::kChipPasswordBytes, of)); }
ChipPasswords passwords(std::uint8_t of) { return {password(of), password(static_cast<std::uint8_t>(of + 1))}; }

struct Desk {
  tests::TemporaryFolder folder;
  tests::PoweredTpm chip;
  TpmVault vault{chip.connection_string()};
  slots::FileFloor seen{folder.path() / "seen.json"};
  slots::FileFloor beside{folder.path() / "beside.json"};
  TpmFloor floor{vault, seen, beside};

  explicit Desk(const tests::Chips& both) : chip(both.one, folder.path() / "chip") {}
  std::int64_t raised(std::int64_t version, std::string_view component = "os", std::uint8_t by = 7) {
    const auto word = vault_word_by(by, component, version);
    must(floor.raise(component, version, &word));
    return must(floor_in_chip(vault, component));
  }
};

std::unique_ptr<Desk> desk() {
  tests::Chips* both = tests::chips();
  return both == nullptr ? nullptr : std::make_unique<Desk>(*both);
}

}  // namespace

TEST_CASE("an owned chip takes a floor's signed words, lays no other floor, and is not cleared") {
  const auto one = desk();
  if (!one) return;
  CHECK(one->raised(1) == 1);
  CHECK(must(take_ownership(one->vault, passwords(1))));
  CHECK(one->raised(2) == 2);
  CHECK(one->raised(5, "another") == 0);
  CHECK(one->raised(9, "os", 8) == 2);  // another authority's word: the index would have to go first
  one->vault.release();
  CHECK_FALSE(one->chip.platform().clear());
  CHECK(must(floor_in_chip(one->vault, "os")) == 2);
}

TEST_CASE("ownership is taken again after a cut, and by nobody else") {
  const auto one = desk();
  if (!one) return;
  CHECK(must(take_ownership(one->vault, passwords(1))));
  CHECK(must(take_ownership(one->vault, passwords(1))));
  CHECK_FALSE(must(take_ownership(one->vault, passwords(5))));
  one->vault.release();
  one->chip.power_cycle();
  CHECK(must(take_ownership(one->vault, passwords(1))));
}

TEST_CASE("who gives ownership back leaves a chip that the next owner takes") {
  const auto one = desk();
  if (!one) return;
  CHECK(must(take_ownership(one->vault, passwords(1))));
  must(give_back_ownership(one->vault, passwords(1)));
  must(give_back_ownership(one->vault, passwords(1)));
  CHECK(one->raised(5, "another") == 5);
  CHECK(must(take_ownership(one->vault, passwords(5))));
  one->vault.release();
  CHECK_FALSE(one->chip.platform().clear());
}

}  // namespace holdfast::linux::tpm
