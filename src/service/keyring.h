// The service's private keys: sealed in the store under one service key, opened once, then used and never shown.
// Processes that share a database share the service key.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "base/secret.h"
#include "ports/random.h"
#include "ports/store/rows/certificate.h"
#include "trust/crypto/key.h"

namespace holdfast::service {

inline constexpr std::size_t kServiceKeyBytes = 32;

class Keyring {
 public:
  /// `service_key` has kServiceKeyBytes.
  Keyring(Secret service_key, ports::Random& random) : service_key_(std::move(service_key)), random_(random) {}

  /// Tells service keys apart and says nothing else about them: 16 hexadecimal digits.
  std::string fingerprint() const;

  /// A new P-256 key, sealed into a row without a certificate.
  Result<ports::KeyRow> make(std::string catalog, ports::KeyPurpose purpose, std::int64_t number, WallTime now);

  /// The private key of a row; kept open for the next call. Corrupt where this service key did not seal it.
  Result<std::shared_ptr<const trust::crypto::PrivateKey>> open(const ports::KeyRow& row);

  /// A secret for the store, which opens only in the place that it was sealed for.
  Blob seal(std::string_view place, const Secret& secret);
  /// Corrupt where another service key sealed it, or for another place.
  Result<Secret> unseal(std::string_view place, Bytes sealed) const;

 private:
  Secret service_key_;
  ports::Random& random_;
  std::mutex mutex_;
  std::map<Blob, std::shared_ptr<const trust::crypto::PrivateKey>> open_;  ///< by SubjectPublicKeyInfo
};

}  // namespace holdfast::service
