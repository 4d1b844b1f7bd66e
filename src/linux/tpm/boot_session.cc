#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "linux/tpm/boot_session_held.h"
#include "linux/tpm/floor_index_held.h"
#include "linux/tpm/signed_policy_held.h"

namespace holdfast::linux::tpm {
namespace {

using trust::crypto::PublicKey;
using trust::tpm::BootPhase;
using trust::tpm::BootState;
using trust::tpm::PublicArea;
using trust::update::SealWord;

constexpr std::uint32_t kPcrs = (1u << trust::tpm::kPcrOfKeys) | (1u << trust::tpm::kPcrOfSystem);
constexpr unsigned kPcrsRead = 16;

std::unexpected<Error> closed(std::string sentence) {
  return fail(Next::Denied, ports::kVaultClosed, std::move(sentence));
}

/// The word for these firmware keys; the object is for boots of the boot's own authority, or for none of its.
Result<const SealWord*> choose(BootPhase phase, const GoodBoot& boot, const PublicArea& authority, Bytes wanted,
                               const Digest256& keys) {
  if (!equal(boot_policy(phase, boot.component, authority), wanted)) {
    return closed("expected an object for boots of this authority, saw another one's");
  }
  const auto word = std::ranges::find(boot.words.boots, keys, &SealWord::keys);
  if (word != boot.words.boots.end()) return &*word;
  return closed(cat("expected firmware keys (PCR 7) among ", boot.words.boots.size(),
                    " that the system was released for, saw ", to_hex(keys)));
}

Result<void> compare_floor(Burst& burst, const Loaded& session, std::string_view component, std::int64_t version) {
  const auto index = TRY(find_floor(burst, component));
  if (!index) return closed("expected a floor in the chip, saw none");
  TPM2B_OPERAND value{};
  TRY(fill(value.buffer, value.size, trust::tpm::floor_bytes(version), "security version"));
  return done(Esys_PolicyNV(burst.esys(), index->nv.handle(), index->nv.handle(), session.handle(), burst.session(),
                            ESYS_TR_NONE, ESYS_TR_NONE, &value, 0, TPM2_EO_UNSIGNED_LE),
              "TPM2_PolicyNV");
}

Result<Loaded> open_session(Burst& burst, BootPhase phase, const GoodBoot& boot, Bytes wanted) {
  const auto values = TRY(burst.connection().read_pcrs(0, kPcrsRead));
  const BootState state{values[trust::tpm::kPcrOfKeys], values[trust::tpm::kPcrOfSystem]};
  const PublicArea authority = TRY(authority_of(boot));
  const SealWord& word = *TRY(choose(phase, boot, authority, wanted, state.keys));
  Loaded session = TRY(burst.start_policy());
  TPML_PCR_SELECTION selection{};
  selection.count = 1;
  selection.pcrSelections[0] = {.hash = TPM2_ALG_SHA256, .sizeofSelect = 3, .pcrSelect = {kPcrs & 0xFF, kPcrs >> 8, 0}};
  const TPM2B_DIGEST what_is_there{};
  TRY(done(Esys_PolicyPCR(burst.esys(), session.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &what_is_there,
                          &selection),
           "TPM2_PolicyPCR"));
  TRY(compare_floor(burst, session, boot.component, boot.words.security_version));
  const auto policy = signed_boot_policy(phase, state, boot.component, authority, boot.words.security_version);
  TRY(authorize(burst, session, authority, policy, phase == BootPhase::Begin ? word.open : word.use));
  return session;
}

}  // namespace

Result<PublicArea> authority_of(const GoodBoot& boot) {
  if (trust::crypto::sha256(boot.words.authority) != boot.authority_sha256) {
    return closed(cat("expected words of the authority ", to_hex(boot.authority_sha256), ", saw another's"));
  }
  const PublicKey key = TRY(PublicKey::from_spki(boot.words.authority));
  if (key.kind() == trust::crypto::KeyKind::EcP256) return trust::tpm::authority_area(key);
  return closed(cat("expected a P-256 key as authority, saw ", trust::crypto::name_of(key.kind())));
}

Result<Loaded> boot_session(Burst& burst, BootPhase phase, const GoodBoot& boot, Bytes wanted) {
  auto out = open_session(burst, phase, boot, wanted);
  if (out || out.error().next == Next::Retry || out.error().next == Next::Denied) return out;
  return closed(std::move(out).error().message);
}

}  // namespace holdfast::linux::tpm
