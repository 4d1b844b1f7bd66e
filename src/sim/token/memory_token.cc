#include "sim/token/memory_token.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::sim::token {

using trust::crypto::PrivateKey;

class MemoryToken::Signing final : public ports::Signer {
 public:
  Signing(MemoryToken& token, std::string reference, Blob public_key)
      : token_(token), reference_(std::move(reference)), public_key_(std::move(public_key)) {}

  Blob public_key() override { return public_key_; }
  Result<Blob> sign(Bytes message) override {
    const auto key = TRY(token_.find(reference_));
    return key->sign(trust::crypto::HashAlgorithm::Sha256, message);
  }

 private:
  MemoryToken& token_;
  std::string reference_;
  Blob public_key_;
};

Result<void> MemoryToken::require_there() const {
  if (is_there_) return {};
  return fail(Next::Retry, ports::kTokenFailed, "expected the token, saw none");
}

Result<std::shared_ptr<const PrivateKey>> MemoryToken::find(const std::string& reference) {
  const std::lock_guard lock(mutex_);
  TRY(require_there());
  const auto found = keys_.find(reference);
  if (found != keys_.end()) return found->second.key;
  return fail(Next::NotFound, ports::kTokenKeyMissing, cat("expected the key ", reference, " in the token, saw none"));
}

Result<ports::Token::Key> MemoryToken::make(const std::string& label) {
  const std::lock_guard lock(mutex_);
  TRY(require_there());
  for (const auto& [reference, held] : keys_) {
    if (held.label == label) return Key{reference, held.key->public_key().spki()};
  }
  if (keys_.size() >= room_) return fail(Next::Exhausted, ports::kTokenFull, "expected room in the token, saw none");
  const Secret entropy = ports::random_secret(random_, 48);
  auto key = std::make_shared<const PrivateKey>(
      TRY(PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, entropy.expose())));
  std::string reference = cat("pkcs11:id=", to_hex(ports::random_array<8>(random_)));
  Key out{reference, key->public_key().spki()};
  keys_.emplace(std::move(reference), Held{label, std::move(key)});
  return out;
}

Result<std::shared_ptr<ports::Signer>> MemoryToken::open(const std::string& reference) {
  const auto key = TRY(find(reference));
  return std::make_shared<Signing>(*this, reference, key->public_key().spki());
}

Result<void> MemoryToken::destroy(const std::string& reference) {
  const std::lock_guard lock(mutex_);
  TRY(require_there());
  keys_.erase(reference);
  return {};
}

}  // namespace holdfast::sim::token
