// The service's private keys: sealed in the store under one service key, opened once, then used and never shown. Keys
// of issuing CAs are made in a token where there is one; then the store has only where. Processes that share a database
// share the service key and the token.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "base/secret.h"
#include "ports/random.h"
#include "ports/store/rows/certificate.h"
#include "ports/token.h"
#include "trust/crypto/key.h"

namespace holdfast::service {

inline constexpr std::size_t kServiceKeyBytes = 32;
inline constexpr Reason kTokenNotGiven{"token-not-given"};

class Keyring {
 public:
  /// `service_key` has kServiceKeyBytes. `token` must outlive this; none: every key is in the store.
  Keyring(Secret service_key, ports::Random& random, ports::Token* token = nullptr)
      : service_key_(std::move(service_key)), random_(random), token_(token) {}

  /// Tells service keys apart and says nothing else about them: 16 hexadecimal digits.
  std::string fingerprint() const;

  /// A new P-256 key, sealed into a row without a certificate. May run again for the same row: a token then gives the
  /// key that it made before.
  Result<ports::KeyRow> make(std::string catalog, ports::KeyPurpose purpose, std::int64_t number, WallTime now);

  /// The private key of a row; kept open for the next call. Corrupt where this service key did not seal it.
  Result<std::shared_ptr<const trust::crypto::PrivateKey>> open(const ports::KeyRow& row);

  /// What signs with a row's key, wherever that is.
  Result<std::shared_ptr<ports::Signer>> signer(const ports::KeyRow& row);

  /// Where a token has the row's key, its reference; none where the store has it.
  Result<std::optional<std::string>> reference_of(const ports::KeyRow& row) const;
  /// Ends the key: forgotten here, destroyed in its token.
  Result<void> destroy(const ports::KeyRow& row);

  /// A secret for the store, which opens only in the place that it was sealed for.
  Blob seal(std::string_view place, const Secret& secret);
  /// Corrupt where another service key sealed it, or for another place.
  Result<Secret> unseal(std::string_view place, Bytes sealed) const;

 private:
  Result<ports::Token*> token_for(const ports::KeyRow& row) const;

  Secret service_key_;
  ports::Random& random_;
  ports::Token* token_;
  std::mutex mutex_;
  std::map<Blob, std::shared_ptr<const trust::crypto::PrivateKey>> open_;  ///< by SubjectPublicKeyInfo
  std::map<Blob, std::shared_ptr<ports::Signer>> signers_;                 ///< in the token, likewise
};

}  // namespace holdfast::service
