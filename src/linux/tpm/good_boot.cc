#include "linux/tpm/good_boot.h"

#include <algorithm>

#include "base/text.h"
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
using trust::update::SealWordsBy;

Result<TPM2B_PUBLIC> sealed_template(const Digest256& policy) {
  using namespace trust::tpm;
  TPM2B_PUBLIC out{};
  TPMT_PUBLIC& area = out.publicArea;
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = kFixedTpm | kFixedParent | kAdminWithPolicy | kNoDictionaryAttackProtection;
  area.authPolicy = TRY(digest_of(policy));
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return out;
}

Result<ports::VaultKey> seal_in(Burst& burst, const Secret& secret, const Digest256& policy) {
  const TPM2B_PUBLIC wanted = TRY(sealed_template(policy));
  TPM2B_SENSITIVE_CREATE sensitive{};
  TPM2B_SENSITIVE_DATA& held = sensitive.sensitive.data;
  TRY(fill(held.buffer, held.size, secret.expose(), "secret"));
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  const ESYS_TR parent = TRY(burst.parent());
  Owned<TPM2B_PRIVATE> private_part;
  Owned<TPM2B_PUBLIC> public_part;
  const auto made =
      done(Esys_Create(burst.esys(), parent, burst.session(), ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &wanted, &outside,
                       &pcrs, Out(private_part), Out(public_part), nullptr, nullptr, nullptr),
           "TPM2_Create");
  wipe({held.buffer, held.size});
  TRY(made);
  Blob area = TRY(bytes_of(public_part->publicArea));
  return ports::VaultKey{std::move(area), to_blob(contents(*private_part))};
}

Result<Secret> unseal_in(Burst& burst, const ports::VaultKey& sealed, const GoodBoot& boot) {
  const auto area = public_from_bytes(sealed.public_area);
  if (!area) return fail(Next::Rejected, ports::kVaultKeyForeign, area.error().message);
  const Loaded session = TRY(boot_session(burst, BootPhase::Begin, boot, contents(area->publicArea.authPolicy)));
  const Loaded object = TRY(burst.load(sealed));
  Owned<TPM2B_SENSITIVE_DATA> secret;
  TRY(done(Esys_Unseal(burst.esys(), object.handle(), session.handle(), burst.session(), ESYS_TR_NONE, Out(secret)),
           "TPM2_Unseal"));
  Secret out(contents(*secret));
  wipe({secret->buffer, secret->size});
  return out;
}

Result<void> settle_index(Burst& burst, const GoodBoot& boot, const PublicArea& authority, const SealWordsBy& words) {
  const auto index = TRY(find_floor(burst, boot.component));
  if (index && (index->is_foreign || index->value || index->policy != floor_policy(boot.component, authority))) {
    return {};
  }
  const ports::FloorWord word{words.authority, words.lay, {}};
  const FloorOrder order{boot.component, authority, 0, word};
  if (index) return write_floor(burst, index->nv, FloorWrite::Lay, order);
  const Loaded fresh = TRY(define_floor(burst, order));
  return write_floor(burst, fresh, FloorWrite::Lay, order);
}

}  // namespace

Result<void> settle_floor_index(TpmVault& vault, const GoodBoot& boot) {
  const PublicArea authority = TRY(authority_in(boot));
  const auto words = std::ranges::find(boot.words.by, boot.authority_sha256,
                                       [](const SealWordsBy& one) { return trust::crypto::sha256(one.authority); });
  return vault.chip().within_burst([&](Burst& burst) { return settle_index(burst, boot, authority, *words); });
}

Result<ports::VaultKey> seal(TpmVault& vault, const Secret& secret, const GoodBoot& boot) {
  const PublicArea authority = TRY(authority_in(boot));
  const Digest256 policy = boot_policy(BootPhase::Begin, boot.component, authority);
  return vault.chip().within_burst([&](Burst& burst) { return seal_in(burst, secret, policy); });
}

bool is_sealed_for(const ports::VaultKey& sealed, const GoodBoot& boot) {
  const auto area = public_from_bytes(sealed.public_area);
  const auto authority = authority_in(boot);
  return area && authority &&
         equal(contents(area->publicArea.authPolicy), boot_policy(BootPhase::Begin, boot.component, *authority));
}

Result<Secret> unseal(TpmVault& vault, const ports::VaultKey& sealed, const GoodBoot& boot) {
  return vault.chip().within_burst([&](Burst& burst) { return unseal_in(burst, sealed, boot); });
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
