#include <algorithm>

#include "linux/tpm/floor_index_held.h"
#include "linux/tpm/signed_policy_held.h"

namespace holdfast::linux::tpm {
namespace {

using trust::tpm::FloorWrite;
using trust::tpm::kFloorAttributes;
using trust::tpm::kFloorBytes;

Result<std::optional<std::int64_t>> read_value(Burst& burst, const Loaded& nv) {
  Owned<TPM2B_MAX_NV_BUFFER> bytes;
  TRY(done(Esys_NV_Read(burst.esys(), nv.handle(), nv.handle(), burst.session(), ESYS_TR_NONE, ESYS_TR_NONE,
                        kFloorBytes, 0, Out(bytes)),
           "TPM2_NV_Read"));
  const auto value = trust::tpm::floor_from(contents(*bytes));
  return value ? std::optional(*value) : std::nullopt;
}

/// The policy session in which the chip takes the write.
Result<Loaded> allowed(Burst& burst, const Loaded& nv, FloorWrite write, const FloorOrder& order) {
  ESYS_CONTEXT* esys = burst.esys();
  const auto policy = floor_write_policy(write, order.component, order.authority, order.security_version);
  Loaded session = TRY(burst.start_policy());
  if (write == FloorWrite::Raise) {
    TPM2B_OPERAND value{};
    TRY(fill(value.buffer, value.size, trust::tpm::floor_bytes(order.security_version), "floor"));
    TRY(done(Esys_PolicyNV(esys, nv.handle(), nv.handle(), session.handle(), burst.session(), ESYS_TR_NONE,
                           ESYS_TR_NONE, &value, 0, TPM2_EO_UNSIGNED_LT),
             "TPM2_PolicyNV"));
  }
  const TPM2B_DIGEST hash =
      TRY(digest_of(floor_write_hash(write, order.component, order.authority, order.security_version)));
  TRY(done(Esys_PolicyCpHash(esys, session.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &hash),
           "TPM2_PolicyCpHash"));
  TRY(authorize(burst, session, order.authority, policy, write == FloorWrite::Lay ? order.word.lay : order.word.raise));
  return session;
}

}  // namespace

Result<std::optional<FloorIndex>> find_floor(Burst& burst, std::string_view component) {
  ESYS_CONTEXT* esys = burst.esys();
  ESYS_TR handle = ESYS_TR_NONE;
  const TSS2_RC code = Esys_TR_FromTPMPublic(esys, trust::tpm::floor_handle(component), ESYS_TR_NONE, ESYS_TR_NONE,
                                             ESYS_TR_NONE, &handle);
  if (refused_handle(code)) return std::nullopt;
  TRY(done(code, "TPM2_NV_ReadPublic"));
  FloorIndex out{Loaded(esys, handle, Loaded::Kind::Persistent), false, {}, {}};
  Owned<TPM2B_NV_PUBLIC> area;
  Owned<TPM2B_NAME> name;
  TRY(done(Esys_NV_ReadPublic(esys, out.nv.handle(), burst.session(), ESYS_TR_NONE, ESYS_TR_NONE, Out(area), Out(name)),
           "TPM2_NV_ReadPublic"));
  const TPMS_NV_PUBLIC& seen = area->nvPublic;
  const bool is_floor = (seen.attributes & ~TPMA_NV{trust::tpm::kNvWritten}) == kFloorAttributes &&
                        seen.dataSize == kFloorBytes && seen.authPolicy.size == out.policy.size();
  out.is_foreign = !is_floor;
  if (out.is_foreign) return std::optional(std::move(out));
  std::ranges::copy(contents(seen.authPolicy), out.policy.begin());
  if ((seen.attributes & trust::tpm::kNvWritten) == 0) return std::optional(std::move(out));
  const auto value = read_value(burst, out.nv);
  out.is_foreign = !value && value.error().next == Next::Rejected;  // behind a password
  if (!out.is_foreign) out.value = TRY(value);
  return std::optional(std::move(out));
}

Result<Loaded> define_floor(Burst& burst, const FloorOrder& order, std::string_view password) {
  TPM2B_AUTH secret{};
  TRY(fill(secret.buffer, secret.size, as_bytes(password), "password"));
  TPM2B_NV_PUBLIC area{};
  area.nvPublic.nvIndex = trust::tpm::floor_handle(order.component);
  area.nvPublic.nameAlg = TPM2_ALG_SHA256;
  area.nvPublic.attributes = kFloorAttributes;
  area.nvPublic.authPolicy = TRY(digest_of(floor_policy(order.component, order.authority)));
  area.nvPublic.dataSize = kFloorBytes;
  ESYS_TR handle = ESYS_TR_NONE;
  TRY(done(Esys_NV_DefineSpace(burst.esys(), ESYS_TR_RH_OWNER, burst.session(), ESYS_TR_NONE, ESYS_TR_NONE, &secret,
                               &area, &handle),
           "TPM2_NV_DefineSpace"));
  return Loaded(burst.esys(), handle, Loaded::Kind::Persistent);
}

Result<void> undefine_floor(Burst& burst, FloorIndex index) {
  return done(Esys_NV_UndefineSpace(burst.esys(), ESYS_TR_RH_OWNER, index.nv.handle(), burst.session(), ESYS_TR_NONE,
                                    ESYS_TR_NONE),
              "TPM2_NV_UndefineSpace");
}

Result<void> write_floor(Burst& burst, const Loaded& nv, FloorWrite write, const FloorOrder& order) {
  const Loaded session = TRY(allowed(burst, nv, write, order));
  TPM2B_MAX_NV_BUFFER bytes{};
  TRY(fill(bytes.buffer, bytes.size, trust::tpm::floor_bytes(order.security_version), "floor"));
  return done(
      Esys_NV_Write(burst.esys(), nv.handle(), nv.handle(), session.handle(), ESYS_TR_NONE, ESYS_TR_NONE, &bytes, 0),
      "TPM2_NV_Write");
}

}  // namespace holdfast::linux::tpm
