#include "programs/holdfast_init/sealed.h"

#include "base/text.h"
#include "linux/init/crypt.h"
#include "linux/init/storage.h"
#include "trust/crypto/hash.h"

namespace holdfast::programs::init {
namespace {

using linux::init::Record;
using linux::init::RecordPartition;
using linux::tpm::GoodBoot;
using linux::tpm::TpmVault;

/// What this boot opens, or why it does not.
struct Found {
  std::optional<Secret> secret;
  bool is_gone = false;  ///< no boot of this chip opens it any more
  std::string why;
};

Result<Found> find_secret(TpmVault& vault, const std::optional<ports::VaultKey>& sealed, const GoodBoot& boot) {
  if (!sealed) return Found{.secret = {}, .is_gone = true, .why = {}};
  auto opened = linux::tpm::open_secret(vault, *sealed, boot);
  if (opened) return Found{.secret = std::move(*opened), .is_gone = false, .why = {}};
  if (opened.error().next == Next::Retry) return std::unexpected(opened.error());
  return Found{.secret = {},
               .is_gone = opened.error().reason == ports::kVaultKeyForeign,
               .why = printable(opened.error().message)};
}

/// Only what this very boot opens is kept.
Result<Found> make_storage(TpmVault& vault, RecordPartition& record, const GoodBoot& boot) {
  Record next = record.record();
  auto made = linux::tpm::make_secret(vault, boot);
  if (!made && made.error().next == Next::Retry) return std::unexpected(made.error());
  if (!made) return Found{.secret = {}, .is_gone = false, .why = printable(made.error().message)};
  next.sealed = *std::move(made);
  Found out = TRY(find_secret(vault, next.sealed, boot));
  if (out.secret) TRY(record.overwrite(next));
  return out;
}

/// What the kernel encrypts with: twice as long as what the chip gives, one half for the sectors' numbers.
Secret disk_key(const Secret& secret) {
  constexpr std::uint32_t kBits = 8 * linux::init::kCryptKeyBytes;
  return trust::crypto::kdf_a(trust::crypto::HashAlgorithm::Sha256, secret.expose(), "DISK", {}, {}, kBits);
}

}  // namespace

Result<Sealed> open_sealed(TpmVault& vault, RecordPartition& record, const GoodBoot& boot, const std::string& device,
                           const std::string& where) {
  const auto settled = linux::tpm::settle_floor_index(vault, boot);
  if (!settled && settled.error().next == Next::Retry) return std::unexpected(settled.error());
  Found found = TRY(find_secret(vault, record.record().sealed, boot));
  const bool is_new = found.is_gone;
  if (is_new) found = TRY(make_storage(vault, record, boot));
  if (!found.secret) return Sealed{.why = found.why};
  TRY(linux::init::open_storage(TRY(linux::init::map_encrypted(device, disk_key(*found.secret))), where));
  return Sealed{.is_open = true, .is_new = is_new, .why = {}};
}

}  // namespace holdfast::programs::init
