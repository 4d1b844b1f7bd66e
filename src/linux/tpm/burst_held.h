// A burst of operations over one connection: the session that authorises and encrypts each of them, salted to the
// endorsement key, and the storage key that the vault's keys hang under. For the .cc files of this directory alone.
#pragma once

#include "linux/tpm/endorsement_held.h"

namespace holdfast::linux::tpm {

class Burst {
 public:
  /// Connects, clears away leftovers, and opens the session; `known` is the chip's endorsement key when it was found
  /// before, and is then filled otherwise.
  static Result<std::unique_ptr<Burst>> open(const std::string& connection_string, std::optional<Endorsement>& known);

  Connection& connection() { return *connection_; }
  ESYS_CONTEXT* esys() const { return connection_->esys(); }
  /// Authorises with an empty password, encrypts the first parameter either way, and authenticates the answer.
  ESYS_TR session() const { return session_->handle(); }

  Result<Loaded> start_session(const Loaded& salt_key, TPM2_SE type);
  /// A policy session, whose answers the chip authenticates by the endorsement key's salt.
  Result<Loaded> start_policy();
  /// The endorsement-hierarchy storage key: made anew in every burst, the same each time until the chip is cleared.
  Result<ESYS_TR> parent();
  /// A new object under the parent.
  Result<ports::VaultKey> create(const TPM2B_PUBLIC& wanted);
  /// kVaultKeyForeign where the chip says that it never made this blob, or has been cleared since.
  Result<Loaded> load(const ports::VaultKey& key);

 private:
  Burst(std::unique_ptr<Connection> connection, const Endorsement& endorsement)
      : connection_(std::move(connection)), endorsement_(endorsement) {}
  std::unique_ptr<Connection> connection_;
  const Endorsement& endorsement_;
  std::optional<Loaded> session_;
  std::optional<Loaded> parent_;
};

}  // namespace holdfast::linux::tpm
