#include "service/keyring.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/cipher.h"
#include "trust/crypto/hash.h"

namespace holdfast::service {
namespace {

using ports::KeyPurpose;
using ports::KeyRow;
using trust::crypto::PrivateKey;

constexpr std::size_t kOpenKeysMax = 4096;
constexpr std::string_view kTokenScheme = "pkcs11:";

/// A sealed key opens only as the row that it was sealed for.
std::string seal_place(const KeyRow& row) {
  return cat("holdfast-key-v1/", row.catalog, "/", static_cast<int>(row.purpose), "/", row.number);
}

bool is_issuing_ca(KeyPurpose purpose) {
  return purpose == KeyPurpose::ClientCa || purpose == KeyPurpose::UpdateCa || purpose == KeyPurpose::UnattestedCa;
}

std::string_view word_of(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::ClientCa: return "client";
    case KeyPurpose::UnattestedCa: return "unattested";
    default: return "update";
  }
}

/// What a token calls the key; several services may use one token.
std::string label_of(const KeyRow& row, std::string_view fingerprint) {
  return cat("holdfast ", fingerprint, " ", row.catalog, " ", word_of(row.purpose), " ", row.number);
}

/// A PKCS#8 begins with 0x30, so that a reference is never taken for one.
std::optional<std::string> as_reference(const Secret& sealed) {
  const std::string_view text = as_text(sealed.expose());
  if (!text.starts_with(kTokenScheme)) return {};
  return std::string(text);
}

class KeyInMemory final : public ports::Signer {
 public:
  explicit KeyInMemory(std::shared_ptr<const PrivateKey> key) : key_(std::move(key)) {}
  Blob public_key() override { return key_->public_key().spki(); }
  Result<Blob> sign(Bytes message) override { return key_->sign(trust::crypto::HashAlgorithm::Sha256, message); }

 private:
  std::shared_ptr<const PrivateKey> key_;
};

}  // namespace

Result<KeyRow> Keyring::make(std::string catalog, KeyPurpose purpose, std::int64_t number, WallTime now) {
  KeyRow row;
  row.catalog = std::move(catalog);
  row.purpose = purpose;
  row.number = number;
  row.created_at = now;
  if (token_ != nullptr && is_issuing_ca(purpose)) {
    const auto made = TRY(token_->make(label_of(row, fingerprint())));
    row.public_key = made.public_key;
    row.sealed_key = seal(seal_place(row), Secret(to_blob(as_bytes(made.reference))));
    return row;
  }
  const Secret entropy = ports::random_secret(random_, 48);
  const PrivateKey key = TRY(PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, entropy.expose()));
  row.public_key = key.public_key().spki();
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

Result<std::shared_ptr<const PrivateKey>> Keyring::open(const KeyRow& row) {
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(row.public_key); found != open_.end()) return found->second;
  const Secret pkcs8 = TRY(unseal(seal_place(row), row.sealed_key));
  auto key = std::make_shared<const PrivateKey>(TRY(PrivateKey::from_pkcs8(pkcs8.expose())));
  if (open_.size() >= kOpenKeysMax) open_.clear();
  open_.emplace(row.public_key, key);
  return key;
}

Result<std::optional<std::string>> Keyring::reference_of(const KeyRow& row) const {
  return as_reference(TRY(unseal(seal_place(row), row.sealed_key)));
}

Result<ports::Token*> Keyring::token_for(const KeyRow& row) const {
  if (token_ != nullptr) return token_;
  return fail(Next::Denied, kTokenNotGiven,
              cat("the key of CA ", row.number, " of '", printable(row.catalog),
                  "' is in a token; expected holdfastd --keys pkcs11:…, saw none"));
}

Result<std::shared_ptr<ports::Signer>> Keyring::signer(const KeyRow& row) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = signers_.find(row.public_key); found != signers_.end()) return found->second;
    if (const auto found = open_.find(row.public_key); found != open_.end()) {
      return std::make_shared<KeyInMemory>(found->second);
    }
  }
  const auto reference = TRY(reference_of(row));
  if (!reference) return std::make_shared<KeyInMemory>(TRY(open(row)));
  ports::Token* const token = TRY(token_for(row));
  auto signer = TRY(token->open(*reference));
  if (signer->public_key() != row.public_key) {
    return fail(Next::Corrupt, ports::kTokenKeyMissing,
                cat("expected the key of CA ", row.number, " of '", printable(row.catalog),
                    "' in the token, saw another key in its place"));
  }
  const std::lock_guard lock(mutex_);
  if (signers_.size() >= kOpenKeysMax) signers_.clear();
  signers_.emplace(row.public_key, signer);
  return signer;
}

Result<void> Keyring::destroy(const KeyRow& row) {
  {
    const std::lock_guard lock(mutex_);
    open_.erase(row.public_key);
    signers_.erase(row.public_key);
  }
  const auto reference = TRY(reference_of(row));
  if (!reference) return {};
  ports::Token* const token = TRY(token_for(row));
  return token->destroy(*reference);
}

}  // namespace holdfast::service
