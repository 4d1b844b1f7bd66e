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

Result<void> PlatformTpm::clear() {
  return done(Esys_Clear(connection_->esys(), ESYS_TR_RH_LOCKOUT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE),
              "TPM2_Clear");
}

}  // namespace holdfast::linux::tpm
