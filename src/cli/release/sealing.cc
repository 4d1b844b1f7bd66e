#include "cli/release/sealing.h"

#include "base/text.h"

namespace holdfast::cli::release {
namespace {

namespace tpm = trust::tpm;
namespace update = trust::update;

}  // namespace

Result<Digest256> system_at_begin(const trust::appraisal::ReferenceSet& values) {
  Digest256 out{};
  bool is_separated = false;
  for (const auto& one : values.events) {
    if (one.pcr != tpm::kPcrOfSystem) continue;
    if (is_separated) break;
    is_separated = one.digest == tpm::separator_digest();
    if (!is_separated) out = trust::crypto::sha256({out, one.digest});
  }
  if (is_separated) return out;
  return fail(Next::Rejected, kSealingWrong,
              cat("expected reference values whose PCR 11 ends with the separator of the first process, saw those of ",
                  values.component, " ", values.version, " end otherwise"));
}

Result<update::EscrowWord> sign_escrow(ports::Signer& authority, const trust::crypto::PublicKey& escrow) {
  if (escrow.kind() != trust::crypto::KeyKind::EcP256) {
    return fail(Next::Rejected, kSealingWrong,
                cat("expected a P-256 key to escrow to, saw ", trust::crypto::name_of(escrow.kind())));
  }
  update::EscrowWord out{escrow.spki(), {}};
  out.signature = TRY(authority.sign(update::escrow_part(out.key)));
  return out;
}

Result<update::SealWords> sign_boots(ports::Signer& authority, const trust::appraisal::ReferenceSet& values,
                                     const std::vector<Digest256>& firmware_keys) {
  const auto key = TRY(owner::public_key_of(authority));
  const Digest256 system = TRY(system_at_begin(values));
  update::SealWords out;
  out.security_version = values.security_version;
  out.authority = key.spki();
  out.lay = TRY(authority.sign(TRY(update::seal_floor_part(key, values.component))));
  for (const Digest256& keys : firmware_keys) {
    const auto parts = TRY(update::seal_word_parts(key, values.component, values.security_version, {keys, system}));
    update::SealWord word{keys, {}, {}};
    word.open = TRY(authority.sign(parts.open));
    word.use = TRY(authority.sign(parts.use));
    out.boots.push_back(std::move(word));
  }
  return out;
}

}  // namespace holdfast::cli::release
