#include "linux/tpm/ownership.h"

#include "linux/tpm/chip_held.h"

namespace holdfast::linux::tpm {
namespace {

struct Held {
  ESYS_TR hierarchy;
  TPMA_PERMANENT is_set;  ///< of TPM2_PT_PERMANENT
  const Secret& password;
};

Result<TPMA_PERMANENT> permanent_of(Burst& burst) {
  TPMI_YES_NO more = 0;
  Owned<TPMS_CAPABILITY_DATA> capability;
  TRY(done(Esys_GetCapability(burst.esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_TPM_PROPERTIES,
                              TPM2_PT_PERMANENT, 1, &more, Out(capability)),
           "TPM2_GetCapability"));
  const TPML_TAGGED_TPM_PROPERTY& list = capability->data.tpmProperties;
  if (list.count == 1 && list.tpmProperty[0].property == TPM2_PT_PERMANENT) return list.tpmProperty[0].value;
  return fail(Next::Rejected, ports::kVaultRefused, "expected what passwords the chip has, saw no answer to that");
}

/// `from`: in force now.
Result<void> change(Burst& burst, const Held& one, Bytes from, Bytes to) {
  TPM2B_AUTH now{};
  TPM2B_AUTH next{};
  TRY(fill(now.buffer, now.size, from, "password"));
  TRY(fill(next.buffer, next.size, to, "password"));
  TRY(done(Esys_TR_SetAuth(burst.esys(), one.hierarchy, &now), "password"));
  const auto changed =
      done(Esys_HierarchyChangeAuth(burst.esys(), one.hierarchy, burst.session(), ESYS_TR_NONE, ESYS_TR_NONE, &next),
           "TPM2_HierarchyChangeAuth");
  wipe({now.buffer, now.size});
  wipe({next.buffer, next.size});
  const TPM2B_AUTH none{};
  TRY(done(Esys_TR_SetAuth(burst.esys(), one.hierarchy, &none), "password"));
  return changed;
}

/// The lockout last: while it has none, a chip that went wrong in between can still be cleared with it.
std::array<Held, 2> both(const ChipPasswords& passwords) {
  return {Held{ESYS_TR_RH_OWNER, TPMA_PERMANENT_OWNERAUTHSET, passwords.owner},
          Held{ESYS_TR_RH_LOCKOUT, TPMA_PERMANENT_LOCKOUTAUTHSET, passwords.lockout}};
}

/// Whether what is in force is this one: it is put in its own place.
Result<bool> holds(Burst& burst, const Held& one) {
  const auto same = change(burst, one, one.password.expose(), one.password.expose());
  if (same) return true;
  if (same.error().next == Next::Rejected) return false;
  return std::unexpected(same.error());
}

}  // namespace

Result<bool> take_ownership(TpmVault& vault, const ChipPasswords& passwords) {
  return vault.chip().within_burst([&](Burst& burst) -> Result<bool> {
    const TPMA_PERMANENT set = TRY(permanent_of(burst));
    for (const Held& one : both(passwords)) {
      if ((set & one.is_set) == 0) {
        TRY(change(burst, one, {}, one.password.expose()));
      } else if (one.hierarchy == ESYS_TR_RH_OWNER && !TRY(holds(burst, one))) {
        return false;  // a guess at the lockout would count against whoever set it
      }
    }
    return true;
  });
}

Result<void> give_back_ownership(TpmVault& vault, const ChipPasswords& passwords) {
  return vault.chip().within_burst([&](Burst& burst) -> Result<void> {
    const TPMA_PERMANENT set = TRY(permanent_of(burst));
    for (const Held& one : both(passwords)) {
      if ((set & one.is_set) != 0) TRY(change(burst, one, one.password.expose(), {}));
    }
    return {};
  });
}

}  // namespace holdfast::linux::tpm
