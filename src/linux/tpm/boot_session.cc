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
using trust::update::SealWordsBy;

constexpr std::uint32_t kPcrs = (1u << trust::tpm::kPcrOfKeys) | (1u << trust::tpm::kPcrOfSystem);
constexpr unsigned kPcrsRead = 16;

std::unexpected<Error> closed(std::string sentence) {
  return fail(Next::Denied, ports::kVaultClosed, std::move(sentence));
}

Result<PublicArea> area_of(const SealWordsBy& words) {
  const PublicKey key = TRY(PublicKey::from_spki(words.authority));
  if (key.kind() == trust::crypto::KeyKind::EcP256) return trust::tpm::authority_area(key);
  return fail(Next::Rejected, trust::update::kSealWordsMalformed,
              cat("expected a P-256 key as authority, saw ", trust::crypto::name_of(key.kind())));
}

/// Whose word opens the object in this phase, and the word for these firmware keys.
struct Choice {
  PublicArea authority;
  const SealWord* word;
};
Result<Choice> choose(BootPhase phase, const GoodBoot& boot, Bytes wanted, const Digest256& keys) {
  for (const SealWordsBy& one : boot.words.by) {
    PublicArea authority = TRY(area_of(one));
    if (!equal(boot_policy(phase, boot.component, authority), wanted)) continue;
    const auto word = std::ranges::find(one.boots, keys, &SealWord::keys);
    if (word != one.boots.end()) return Choice{std::move(authority), &*word};
    return closed(cat("expected firmware keys (PCR 7) among ", one.boots.size(),
                      " that the system was released for, saw ", to_hex(keys)));
  }
  return closed("expected words of the authority that this was sealed for, saw none in the image");
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
  const Choice chosen = TRY(choose(phase, boot, wanted, state.keys));
  Loaded session = TRY(burst.start_policy());
  TPML_PCR_SELECTION selection{};
  selection.count = 1;
  selection.pcrSelections[0] = {.hash = TPM2_ALG_SHA256, .sizeofSelect = 3, .pcrSelect = {kPcrs & 0xFF, kPcrs >> 8, 0}};
  const TPM2B_DIGEST what_is_there{};
  TRY(done(Esys_PolicyPCR(burst.esys(), session.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &what_is_there,
                          &selection),
           "TPM2_PolicyPCR"));
  TRY(compare_floor(burst, session, boot.component, boot.words.security_version));
  const auto policy = signed_boot_policy(phase, state, boot.component, chosen.authority, boot.words.security_version);
  TRY(authorize(burst, session, chosen.authority, policy,
                phase == BootPhase::Begin ? chosen.word->open : chosen.word->use));
  return session;
}

}  // namespace

Result<PublicArea> authority_in(const GoodBoot& boot) {
  for (const SealWordsBy& one : boot.words.by) {
    if (trust::crypto::sha256(one.authority) == boot.authority_sha256) return area_of(one);
  }
  return fail(Next::Rejected, trust::update::kSealWordsMalformed,
              cat("expected words of the authority ", to_hex(boot.authority_sha256), ", saw none"));
}

Result<Loaded> boot_session(Burst& burst, BootPhase phase, const GoodBoot& boot, Bytes wanted) {
  auto out = open_session(burst, phase, boot, wanted);
  if (out || out.error().next == Next::Retry || out.error().next == Next::Denied) return out;
  return closed(std::move(out).error().message);
}

}  // namespace holdfast::linux::tpm
