#include "linux/tpm/platform_tpm.h"

#include <algorithm>

#include "base/text.h"
#include "linux/tpm/connection_held.h"
#include "ports/vault.h"

namespace holdfast::linux::tpm {

namespace {
constexpr unsigned kPcrs = 24;
}

Result<PlatformTpm> PlatformTpm::open(const std::string& connection_string) {
  return PlatformTpm(TRY(Connection::open(connection_string)));
}

PlatformTpm::PlatformTpm(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
PlatformTpm::PlatformTpm(PlatformTpm&&) noexcept = default;
PlatformTpm& PlatformTpm::operator=(PlatformTpm&&) noexcept = default;
PlatformTpm::~PlatformTpm() = default;

Result<void> PlatformTpm::startup(std::uint8_t locality) {
  TRY(connection_->set_locality(locality));
  const TSS2_RC code = Esys_Startup(connection_->esys(), TPM2_SU_CLEAR);
  TRY(connection_->set_locality(0));
  if (code == TPM2_RC_INITIALIZE) return {};
  return done(code, "TPM2_Startup");
}

Result<void> PlatformTpm::shutdown() {
  return done(Esys_Shutdown(connection_->esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_SU_CLEAR),
              "TPM2_Shutdown");
}

Result<void> PlatformTpm::extend(unsigned pcr, const Digest256& digest) {
  if (pcr >= kPcrs) return fail(Next::Rejected, ports::kVaultRefused, cat("expected a PCR from 0 to 23, saw ", pcr));
  TPML_DIGEST_VALUES digests{};
  digests.count = 1;
  digests.digests[0].hashAlg = TPM2_ALG_SHA256;
  std::ranges::copy(digest, digests.digests[0].digest.sha256);
  return done(
      Esys_PCR_Extend(connection_->esys(), ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &digests),
      "TPM2_PCR_Extend");
}

Result<std::vector<Digest256>> PlatformTpm::read_pcrs() { return connection_->read_pcrs(0, kPcrs); }

Result<void> PlatformTpm::clear(Bytes lockout) {
  TPM2B_AUTH password{};
  TRY(fill(password.buffer, password.size, lockout, "password"));
  TRY(done(Esys_TR_SetAuth(connection_->esys(), ESYS_TR_RH_LOCKOUT, &password), "password"));
  wipe({password.buffer, password.size});
  return done(Esys_Clear(connection_->esys(), ESYS_TR_RH_LOCKOUT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE),
              "TPM2_Clear");
}

Result<void> PlatformTpm::provision_nv(std::uint32_t index, Bytes contents) {
  constexpr TPMA_NV kWrittenOnce = TPMA_NV_PLATFORMCREATE | TPMA_NV_PPWRITE | TPMA_NV_WRITEDEFINE | TPMA_NV_PPREAD |
                                   TPMA_NV_OWNERREAD | TPMA_NV_AUTHREAD | TPMA_NV_NO_DA;
  if (contents.size() > kNvBytesMax) {
    return fail(Next::Rejected, ports::kVaultRefused,
                cat("expected at most ", kNvBytesMax, " bytes, saw ", contents.size()));
  }
  const TPM2B_AUTH no_password{};
  TPM2B_NV_PUBLIC area{};
  area.nvPublic = {.nvIndex = index,
                   .nameAlg = TPM2_ALG_SHA256,
                   .attributes = kWrittenOnce,
                   .authPolicy = {},
                   .dataSize = static_cast<UINT16>(contents.size())};
  ESYS_CONTEXT* esys = connection_->esys();
  ESYS_TR handle = ESYS_TR_NONE;
  TRY(done(Esys_NV_DefineSpace(esys, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &no_password,
                               &area, &handle),
           "TPM2_NV_DefineSpace"));
  const Loaded nv(esys, handle, Loaded::Kind::Persistent);
  for (std::size_t at = 0; at < contents.size(); at += kNvChunkBytes) {
    const Bytes part = contents.subspan(at, std::min(kNvChunkBytes, contents.size() - at));
    TPM2B_MAX_NV_BUFFER chunk{};
    TRY(fill(chunk.buffer, chunk.size, part, "NV contents"));
    TRY(done(Esys_NV_Write(esys, ESYS_TR_RH_PLATFORM, nv.handle(), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &chunk,
                           static_cast<UINT16>(at)),
             "TPM2_NV_Write"));
  }
  return {};
}

}  // namespace holdfast::linux::tpm
