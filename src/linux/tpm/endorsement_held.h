// The endorsement key, believed only when the chip holds what its certificate says. Every session of a vault is salted
// to the key found here; a chip that answers with another one is kVaultInterposed. For the .cc files of this directory
// alone.
#pragma once

#include "linux/tpm/connection_held.h"
#include "ports/vault.h"
#include "trust/tpm/public_area.h"

namespace holdfast::linux::tpm {

struct Endorsement {
  ports::EndorsementKey key;  ///< without its chain
  trust::tpm::PublicArea area;
  TPM2_HANDLE persistent;  ///< where the registry of reserved handles puts it; it may be absent there
};

/// Looks for the certificates in the order of flow 1.4: RSA-2048, then ECC P-256, then ECC P-384. A chip without any
/// has its RSA-2048 key made from the template.
Result<Endorsement> find_endorsement(Connection& connection);

/// Its issuers, where the maker ships them: for who shows the certificate.
Result<std::vector<Blob>> read_endorsement_chain(Connection& connection);

/// The key itself, ready for use: persistent, or made again from its template. The name is compared with the area.
Result<Loaded> load_endorsement(Connection& connection, const Endorsement& endorsement);

}  // namespace holdfast::linux::tpm
