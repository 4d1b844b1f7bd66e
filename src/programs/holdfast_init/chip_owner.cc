#include "programs/holdfast_init/chip_owner.h"

#include "base/text.h"
#include "linux/init/storage.h"
#include "linux/system/files.h"
#include "linux/system/random.h"
#include "programs/holdfast_init/console.h"

namespace holdfast::programs::init {
namespace {

using linux::tpm::ChipPasswords;
using trust::update::kChipPasswordBytes;

constexpr std::size_t kFileBytes = 2 * kChipPasswordBytes;

std::filesystem::path file_in(const std::filesystem::path& folder) { return folder / "chip-passwords"; }

ChipPasswords passwords_in(Bytes both) {
  return {Secret(both.first(kChipPasswordBytes)), Secret(both.last(kChipPasswordBytes))};
}

/// A file of another size is none: passwords are on the disk before they are in force.
Result<std::optional<ChipPasswords>> read(const std::filesystem::path& folder) {
  const auto bytes = linux::system::read_secret_file(file_in(folder), kFileBytes);
  if (!bytes && bytes.error().reason == linux::system::kFileMissing) return std::nullopt;
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() != kFileBytes) return std::nullopt;
  return passwords_in(bytes->expose());
}

Result<ChipPasswords> make(const std::filesystem::path& folder) {
  linux::system::SystemRandom random;
  const Secret both = ports::random_secret(random, kFileBytes);
  TRY(linux::init::lay_folder(folder, 0, 0));
  TRY(linux::system::write_file(file_in(folder), both.expose(), linux::system::FileMode::Private));
  return passwords_in(both.expose());
}

}  // namespace

Result<bool> own_chip(linux::tpm::TpmVault& vault, const std::filesystem::path& folder) {
  auto known = TRY(read(folder));
  if (!known) known = TRY(make(folder));
  return linux::tpm::take_ownership(vault, *known);
}

Result<Blob> escrow_of(const trust::crypto::PublicKey& to, const std::filesystem::path& folder) {
  const auto known = TRY(read(folder));
  if (!known) return Blob();
  linux::system::SystemRandom random;
  const Secret entropy = ports::random_secret(random, trust::crypto::kHpkeEntropyBytes);
  return trust::update::escrow_passwords(to, entropy.expose(), *known);
}

Result<void> disown_chip(linux::tpm::TpmVault& vault, const std::filesystem::path& folder) {
  const auto known = TRY(read(folder));
  const auto given = known ? linux::tpm::give_back_ownership(vault, *known) : Result<void>();
  if (given || given.error().next == Next::Retry) return given;
  say(printable(given.error().message));
  return {};
}

}  // namespace holdfast::programs::init
