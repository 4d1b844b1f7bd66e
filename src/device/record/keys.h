// The vault's key blobs. Each is on disk before the first message that names it: the attestation key so that an
// enrolment whose answer was lost is asked for again with the same key and gets the same answer, the TLS keys so that a
// certificate never arrives for a key that is gone.
#pragma once

#include "ports/vault.h"

namespace holdfast::device::record {

struct AttestationKey {
  static constexpr std::string_view kName = "attestation-key";

  ports::VaultKey key;

  static Result<AttestationKey> decode(Bytes record);
  Blob encode() const;
};

struct TlsKeys {
  static constexpr std::string_view kName = "tls-keys";

  ports::VaultKey client;
  ports::VaultKey update;

  static Result<TlsKeys> decode(Bytes record);
  Blob encode() const;
};

}  // namespace holdfast::device::record
