// A maker of chips in software: a root of its own, and endorsement certificates for the chips of soft_vault.h, of the
// form that a TPM's maker gives (TCG EK Credential Profile 2.5 §3.2).
#pragma once

#include "base/time.h"
#include "trust/crypto/key.h"
#include "trust/x509/certificate.h"

namespace holdfast::sim::vault {

class TpmMaker {
 public:
  /// Its root is valid from a day before `now`, for ten years.
  static Result<TpmMaker> make(trust::crypto::PrivateKey key, WallTime now);

  Blob root() const { return to_blob(root_.der()); }  ///< DER
  /// DER, under the root, for an elliptic-curve endorsement key; `serial` tells certificates of this maker apart.
  Result<Blob> endorsement(const trust::crypto::PublicKey& ek, const ByteArray<16>& serial) const;

 private:
  TpmMaker(trust::crypto::PrivateKey key, WallTime now, trust::x509::Certificate root)
      : key_(std::move(key)), now_(now), root_(std::move(root)) {}

  trust::crypto::PrivateKey key_;
  WallTime now_;
  trust::x509::Certificate root_;
};

}  // namespace holdfast::sim::vault
