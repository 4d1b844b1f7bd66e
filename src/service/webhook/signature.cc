#include "service/webhook/signature.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::webhook {

std::string text_of(const Secret& secret) { return cat(kSecretPrefix, to_base64(secret.expose())); }

std::string signature(const Secret& secret, std::string_view id, std::int64_t seconds, std::string_view body) {
  const std::string head = cat(id, ".", seconds, ".");
  const Blob mac =
      trust::crypto::hmac(trust::crypto::HashAlgorithm::Sha256, secret.expose(), {as_bytes(head), as_bytes(body)});
  return cat("v1,", to_base64(mac));
}

}  // namespace holdfast::service::webhook
