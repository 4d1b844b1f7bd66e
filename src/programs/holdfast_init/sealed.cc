#include "programs/holdfast_init/sealed.h"

#include <algorithm>

#include "base/text.h"
#include "linux/init/crypt.h"
#include "linux/init/storage.h"
#include "linux/system/random.h"

namespace holdfast::programs::init {
namespace {

using linux::init::Record;
using linux::init::RecordPartition;
using linux::tpm::GoodBoot;
using linux::tpm::TpmVault;

/// A key that this boot opens, or why there is none.
struct Found {
  std::optional<Secret> key;
  std::size_t at = 0;   ///< which of the sealed ones
  bool is_dead = true;  ///< all of them are of a chip that was cleared
  std::string why = "there is no key for it";
};

Result<Found> find_key(TpmVault& vault, const Record& record, const GoodBoot& boot) {
  Found out;
  for (; out.at < record.sealed.size(); ++out.at) {
    auto key = linux::tpm::unseal(vault, record.sealed[out.at], boot);
    if (key) {
      out.key = std::move(*key);
      return out;
    }
    if (key.error().next == Next::Retry) return std::unexpected(key.error());
    out.is_dead &= key.error().reason == ports::kVaultKeyForeign;
    out.why = printable(key.error().message);
  }
  return out;
}

/// Only what this very boot opens is kept.
Result<Found> make_key(TpmVault& vault, RecordPartition& record, const GoodBoot& boot) {
  linux::system::SystemRandom random;
  const Secret key = ports::random_secret(random, linux::init::kCryptKeyBytes);
  Record next = record.record();
  next.sealed.clear();
  next.sealed.push_back(TRY(linux::tpm::seal(vault, key, boot)));
  Found out = TRY(find_key(vault, next, boot));
  if (out.key) TRY(record.overwrite(next));
  return out;
}

/// Where the authority changed: sealed for the next one as well, as long as the one of before may still be asked for.
Result<void> follow_authority(TpmVault& vault, RecordPartition& record, const GoodBoot& boot, const Found& found) {
  Record next = record.record();
  if (linux::tpm::is_sealed_for(next.sealed[found.at], boot)) {
    if (next.sealed.size() == 1) return {};
    next.sealed = {next.sealed[found.at]};
    return record.write(next);
  }
  for (const ports::VaultKey& one : next.sealed) {
    if (linux::tpm::is_sealed_for(one, boot)) return {};
  }
  next.sealed.resize(std::min(next.sealed.size(), linux::init::kSealedKeysMax - 1));
  next.sealed.push_back(TRY(linux::tpm::seal(vault, *found.key, boot)));
  return record.write(next);
}

}  // namespace

Result<Sealed> open_sealed(TpmVault& vault, RecordPartition& record, const GoodBoot& boot, const std::string& device,
                           const std::string& where) {
  const auto settled = linux::tpm::settle_floor_index(vault, boot);
  if (!settled && settled.error().next == Next::Retry) return std::unexpected(settled.error());
  if (!settled) return Sealed{.why = printable(settled.error().message)};
  Found found = TRY(find_key(vault, record.record(), boot));
  const bool is_new = !found.key && found.is_dead;
  if (is_new) found = TRY(make_key(vault, record, boot));
  if (!found.key) return Sealed{.why = found.why};
  if (!is_new) TRY(follow_authority(vault, record, boot, found));
  TRY(linux::init::open_storage(TRY(linux::init::map_encrypted(device, *found.key)), where));
  return Sealed{.is_open = true, .is_new = is_new, .why = {}};
}

}  // namespace holdfast::programs::init
