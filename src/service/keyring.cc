#include "service/keyring.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/cipher.h"
#include "trust/crypto/hash.h"

namespace holdfast::service {
namespace {

constexpr std::size_t kOpenKeysMax = 4096;

/// A sealed key opens only as the row that it was sealed for.
std::string seal_place(const ports::KeyRow& row) {
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
  row.sealed_key = seal(seal_place(row), key.to_pkcs8());
  return row;
}

std::string Keyring::fingerprint() const {
  const Blob mac = trust::crypto::hmac(trust::crypto::HashAlgorithm::Sha256, service_key_.expose(),
                                       {as_bytes("holdfast-service-key-v1")});
  return to_hex(Bytes(mac).first(8));
}

Blob Keyring::seal(std::string_view place, const Secret& secret) {
  return trust::crypto::seal(service_key_.expose(), ports::random_array<trust::crypto::kSealNonceBytes>(random_),
                             as_bytes(place), secret.expose());
}

Result<Secret> Keyring::unseal(std::string_view place, Bytes sealed) const {
  return trust::crypto::unseal(service_key_.expose(), as_bytes(place), sealed);
}

Result<std::shared_ptr<const trust::crypto::PrivateKey>> Keyring::open(const ports::KeyRow& row) {
  using namespace trust::crypto;
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(row.public_key); found != open_.end()) return found->second;
  const Secret pkcs8 = TRY(unseal(seal_place(row), row.sealed_key));
  auto key = std::make_shared<const PrivateKey>(TRY(PrivateKey::from_pkcs8(pkcs8.expose())));
  if (open_.size() >= kOpenKeysMax) open_.clear();
  open_.emplace(row.public_key, key);
  return key;
}

}  // namespace holdfast::service
