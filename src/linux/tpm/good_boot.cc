#include "linux/tpm/good_boot.h"

#include <algorithm>

#include "linux/tpm/areas_held.h"
#include "linux/tpm/boot_session_held.h"
#include "linux/tpm/chip_held.h"
#include "linux/tpm/floor_index_held.h"
#include "linux/tpm/signed_policy_held.h"

namespace holdfast::linux::tpm {
namespace {

using trust::tpm::BootPhase;
using trust::tpm::FloorWrite;
using trust::tpm::PublicArea;

/// Made in this chip, of its own random numbers, and used under its policy alone.
constexpr TPMA_OBJECT kOfItsOwn = trust::tpm::kFixedTpm | trust::tpm::kFixedParent | trust::tpm::kSensitiveDataOrigin |
                                  trust::tpm::kAdminWithPolicy | trust::tpm::kNoDictionaryAttackProtection |
                                  trust::tpm::kSign;
/// What the secret is the HMAC of.
constexpr std::string_view kUse{"holdfast-sealed-v1"};

Result<TPM2B_PUBLIC> secret_template(const Digest256& policy) {
  TPM2B_PUBLIC out{};
  TPMT_PUBLIC& area = out.publicArea;
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = kOfItsOwn;
  area.authPolicy = TRY(digest_of(policy));
  TPMT_KEYEDHASH_SCHEME& scheme = area.parameters.keyedHashDetail.scheme;
  scheme.scheme = TPM2_ALG_HMAC;
  scheme.details.hmac.hashAlg = TPM2_ALG_SHA256;
  return out;
}

/// One that has anything of another kind was not made here: its maker may know it.
Result<void> require_own(const TPMT_PUBLIC& area) {
  const bool is_own = area.type == TPM2_ALG_KEYEDHASH && area.objectAttributes == kOfItsOwn &&
                      area.parameters.keyedHashDetail.scheme.scheme == TPM2_ALG_HMAC;
  if (is_own) return {};
  return fail(Next::Denied, ports::kVaultClosed, "expected a secret that the chip made, saw one that somebody chose");
}

Result<Secret> open_in(Burst& burst, const ports::VaultKey& sealed, const GoodBoot& boot) {
  const auto area = public_from_bytes(sealed.public_area);
  if (!area) return fail(Next::Rejected, ports::kVaultKeyForeign, area.error().message);
  TRY(require_own(area->publicArea));
  // Whether the chip knows it at all comes first: one that was cleared has no floor of before either.
  const Loaded object = TRY(burst.load(sealed));
  const Loaded session = TRY(boot_session(burst, BootPhase::Begin, boot, contents(area->publicArea.authPolicy)));
  TPM2B_MAX_BUFFER use{};
  TRY(fill(use.buffer, use.size, as_bytes(kUse), "use"));
  Owned<TPM2B_DIGEST> secret;
  TRY(done(Esys_HMAC(burst.esys(), object.handle(), session.handle(), burst.session(), ESYS_TR_NONE, &use,
                     TPM2_ALG_SHA256, Out(secret)),
           "TPM2_HMAC"));
  Secret out(contents(*secret));
  wipe({secret->buffer, secret->size});
  return out;
}

Result<void> settle_index(Burst& burst, const GoodBoot& boot) {
  const PublicArea authority = TRY(authority_of(boot));
  const auto index = TRY(find_floor(burst, boot.component));
  if (index && (index->is_foreign || index->value || index->policy != floor_policy(boot.component, authority))) {
    return {};
  }
  const ports::FloorWord word{boot.words.authority, boot.words.lay, {}};
  const FloorOrder order{boot.component, authority, 0, word};
  if (index) return write_floor(burst, index->nv, FloorWrite::Lay, order);
  const Loaded fresh = TRY(define_floor(burst, order));
  return write_floor(burst, fresh, FloorWrite::Lay, order);
}

}  // namespace

Result<void> settle_floor_index(TpmVault& vault, const GoodBoot& boot) {
  return vault.chip().within_burst([&](Burst& burst) { return settle_index(burst, boot); });
}

Result<ports::VaultKey> make_secret(TpmVault& vault, const GoodBoot& boot) {
  return vault.chip().within_burst([&](Burst& burst) -> Result<ports::VaultKey> {
    const Digest256 policy = boot_policy(BootPhase::Begin, boot.component, TRY(authority_of(boot)));
    return burst.create(TRY(secret_template(policy)));
  });
}

Result<Secret> open_secret(TpmVault& vault, const ports::VaultKey& sealed, const GoodBoot& boot) {
  return vault.chip().within_burst([&](Burst& burst) { return open_in(burst, sealed, boot); });
}

Result<void> extend_separator(TpmVault& vault) {
  const auto extend = [](Burst& burst) -> Result<void> {
    TPML_DIGEST_VALUES digests{};
    digests.count = 1;
    digests.digests[0].hashAlg = TPM2_ALG_SHA256;
    std::ranges::copy(trust::tpm::separator_digest(), digests.digests[0].digest.sha256);
    return done(Esys_PCR_Extend(burst.esys(), ESYS_TR_PCR0 + trust::tpm::kPcrOfSystem, burst.session(), ESYS_TR_NONE,
                                ESYS_TR_NONE, &digests),
                "TPM2_PCR_Extend");
  };
  return vault.chip().within_burst(extend);
}

}  // namespace holdfast::linux::tpm
