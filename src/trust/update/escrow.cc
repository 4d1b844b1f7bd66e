#include "trust/update/escrow.h"

#include "base/text.h"

namespace holdfast::trust::update {
namespace {

constexpr std::string_view kContext{"holdfast-chip-passwords-v1"};

}  // namespace

Result<Blob> escrow_passwords(const crypto::PublicKey& to, Bytes entropy, const ChipPasswords& passwords) {
  const Secret both(concat({passwords.owner.expose(), passwords.lockout.expose()}));
  return crypto::hpke_seal(to, entropy, as_bytes(kContext), {}, both.expose());
}

Result<ChipPasswords> open_escrow(const crypto::PrivateKey& key, Bytes escrow) {
  if (escrow.size() != kEscrowBytes) {
    return fail(Next::Corrupt, crypto::kHpkeUnopened,
                cat("expected ", kEscrowBytes, " bytes of escrow, saw ", escrow.size()));
  }
  const Secret both = TRY(crypto::hpke_open(key, as_bytes(kContext), {}, escrow));
  const Bytes parts = both.expose();
  return ChipPasswords{Secret(parts.first(kChipPasswordBytes)), Secret(parts.last(kChipPasswordBytes))};
}

}  // namespace holdfast::trust::update
