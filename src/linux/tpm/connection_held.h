// One open connection to the chip, and the few things one can do without trusting what is between: read NV and PCRs,
// and clear away what a process that died left loaded. For the .cc files of this directory alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linux/tpm/esys_held.h"

namespace holdfast::linux::tpm {

inline constexpr std::size_t kNvBytesMax = 8 * 1024;
/// TPM_PT_NV_BUFFER_MAX is at least this in every PC Client chip.
inline constexpr std::size_t kNvChunkBytes = 512;
inline constexpr std::size_t kHandlesMax = 16;

class Connection {
 public:
  /// kVaultUnavailable where the connection string names nothing that answers.
  static Result<std::unique_ptr<Connection>> open(const std::string& connection_string);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  ESYS_CONTEXT* esys() const { return esys_; }

  /// Where the chip is told that commands come from.
  Result<void> set_locality(std::uint8_t locality);

  /// Flushes objects and sessions that nobody can use any more: without a resource manager, the connection's owner
  /// is the chip's only user; with one, there are none to be seen.
  Result<void> sweep();

  /// Handles from `first` on, of its type, ascending; at most kHandlesMax.
  Result<std::vector<TPM2_HANDLE>> handles_from(TPM2_HANDLE first);

  /// An NV index as its own authority reads it; nothing where it is not defined.
  Result<std::optional<Blob>> read_nv(TPM2_HANDLE index);

  /// SHA-256 bank, `count` PCRs from `first`; both multiples of eight.
  Result<std::vector<Digest256>> read_pcrs(unsigned first, unsigned count);

 private:
  Connection(TSS2_TCTI_CONTEXT* tcti, ESYS_CONTEXT* esys) : tcti_(tcti), esys_(esys) {}
  TSS2_TCTI_CONTEXT* tcti_;
  ESYS_CONTEXT* esys_;
};

}  // namespace holdfast::linux::tpm
