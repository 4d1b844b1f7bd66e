// What firmware, a boot loader or an owner at the machine does to a TPM, and an agent never may: extend PCRs, start and
// shut down, clear. Used by the virtual device's boot program; the agent's own port (ports::Vault) has none of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::linux::tpm {

class Connection;

class PlatformTpm {
 public:
  /// kVaultUnavailable where nothing answers.
  static Result<PlatformTpm> open(const std::string& connection_string);
  PlatformTpm(PlatformTpm&&) noexcept;
  PlatformTpm& operator=(PlatformTpm&&) noexcept;
  ~PlatformTpm();

  /// TPM2_Startup(CLEAR) from a locality, as firmware does; a TPM that has been started already is left as it is.
  Result<void> startup(std::uint8_t locality);
  /// TPM2_Shutdown(CLEAR), as before an orderly power-off; without it the clock is not `safe` afterwards.
  Result<void> shutdown();
  Result<void> extend(unsigned pcr, const Digest256& digest);
  /// SHA-256 bank, PCR 0 to 23.
  Result<std::vector<Digest256>> read_pcrs();
  /// TPM2_Clear: the storage and endorsement hierarchies get new proofs, so every key blob dies; the endorsement key
  /// stays. `lockout`: its password, where the chip has one.
  Result<void> clear(Bytes lockout = {});
  /// Defines an NV index for good (platform hierarchy) and writes it, as a TPM's maker does with certificates.
  Result<void> provision_nv(std::uint32_t index, Bytes contents);

 private:
  explicit PlatformTpm(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace holdfast::linux::tpm
