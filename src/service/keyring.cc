#include "service/keyring.h"

#include "base/text.h"
#include "trust/crypto/cipher.h"

namespace holdfast::service {
namespace {

constexpr std::size_t kOpenKeysMax = 4096;

/// A sealed key opens only as the row that it was sealed for.
std::string seal_context(const ports::KeyRow& row) {
  return cat("holdfast-key-v1/", row.catalog, "/", static_cast<int>(row.purpose), "/", row.number);
}

}  // namespace

Result<ports::KeyRow> Keyring::make(std::string catalog, ports::KeyPurpose purpose, std::int64_t number, WallTime now) {
  using namespace trust::crypto;
  const Secret entropy = ports::random_secret(random_, 48);
  const PrivateKey key = TRY(PrivateKey::ec_from_entropy(KeyKind::EcP256, entropy.expose()));
  ports::KeyRow row;
  row.catalog = std::move(catalog);
  row.purpose = purpose;
  row.number = number;
  row.public_key = key.public_key().spki();
  row.created_at = now;
  const Secret pkcs8 = key.to_pkcs8();
  row.sealed_key = seal(service_key_.expose(), ports::random_array<kSealNonceBytes>(random_),
                        as_bytes(seal_context(row)), pkcs8.expose());
  return row;
}

Result<std::shared_ptr<const trust::crypto::PrivateKey>> Keyring::open(const ports::KeyRow& row) {
  using namespace trust::crypto;
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(row.public_key); found != open_.end()) return found->second;
  const Secret pkcs8 = TRY(unseal(service_key_.expose(), as_bytes(seal_context(row)), row.sealed_key));
  auto key = std::make_shared<const PrivateKey>(TRY(PrivateKey::from_pkcs8(pkcs8.expose())));
  if (open_.size() >= kOpenKeysMax) open_.clear();
  open_.emplace(row.public_key, key);
  return key;
}

}  // namespace holdfast::service
