#include "trust/crypto/hash.h"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/byte_io.h"
#include "base/check.h"
#include "base/text.h"

namespace holdfast::trust::crypto {
namespace {

/// Looked up once: OpenSSL looks for EVP_sha256() among its providers each time, which costs as much as the hashing.
const EVP_MD* fetched(const char* name) {
  const EVP_MD* method = EVP_MD_fetch(nullptr, name, nullptr);
  CHECK_INVARIANT(method != nullptr);
  return method;
}

const EVP_MD* method(HashAlgorithm algorithm) {
  static const EVP_MD* const kSha1 = fetched("SHA1");
  static const EVP_MD* const kSha256 = fetched("SHA2-256");
  static const EVP_MD* const kSha384 = fetched("SHA2-384");
  static const EVP_MD* const kSha512 = fetched("SHA2-512");
  switch (algorithm) {
    case HashAlgorithm::Sha1: return kSha1;
    case HashAlgorithm::Sha256: return kSha256;
    case HashAlgorithm::Sha384: return kSha384;
    case HashAlgorithm::Sha512: return kSha512;
  }
  return nullptr;
}

using DigestState = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

/// `bits` of a counter-mode KDF whose round is `round(counter)`.
template <class Round>
Secret expand(HashAlgorithm algorithm, std::uint32_t bits, Round round) {
  const std::size_t size = (bits + 7) / 8;
  Blob out;
  for (std::uint32_t counter = 1; out.size() < size; ++counter) {
    Blob block = round(counter);
    CHECK_INVARIANT(block.size() == digest_size(algorithm));
    out.insert(out.end(), block.begin(), block.end());
    wipe(block);
  }
  wipe(std::span(out).subspan(size));
  out.resize(size);
  if (bits % 8 != 0) out[0] = static_cast<std::uint8_t>(out[0] & ((1u << (bits % 8)) - 1));
  return Secret(std::move(out));
}

Blob big_endian32(std::uint32_t value) { return ByteWriter(Endian::Big).u32(value).take(); }

}  // namespace

Result<HashAlgorithm> hash_algorithm(std::uint16_t tcg_id) {
  switch (const auto algorithm = static_cast<HashAlgorithm>(tcg_id)) {
    case HashAlgorithm::Sha1:
    case HashAlgorithm::Sha256:
    case HashAlgorithm::Sha384:
    case HashAlgorithm::Sha512: return algorithm;
  }
  return fail(Next::Rejected, kAlgorithmUnknown,
              cat("expected SHA-1, SHA-256, SHA-384 or SHA-512, saw hash algorithm ", tcg_id));
}

std::size_t digest_size(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::Sha1: return 20;
    case HashAlgorithm::Sha256: return 32;
    case HashAlgorithm::Sha384: return 48;
    case HashAlgorithm::Sha512: return 64;
  }
  return 0;
}

std::string_view name_of(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::Sha1: return "sha1";
    case HashAlgorithm::Sha256: return "sha256";
    case HashAlgorithm::Sha384: return "sha384";
    case HashAlgorithm::Sha512: return "sha512";
  }
  return "unknown";
}

Digest256 sha256(Bytes message) {
  Digest256 digest;
  const int made =
      EVP_Digest(message.data(), message.size(), digest.data(), nullptr, method(HashAlgorithm::Sha256), nullptr);
  CHECK_INVARIANT(made == 1);
  return digest;
}

Digest256 sha256(std::initializer_list<Bytes> parts) {
  const Blob digest = hash(HashAlgorithm::Sha256, parts);
  Digest256 out;
  std::copy(digest.begin(), digest.end(), out.begin());
  return out;
}

Blob hash(HashAlgorithm algorithm, std::initializer_list<Bytes> parts) {
  const DigestState context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  CHECK_INVARIANT(context != nullptr && EVP_DigestInit_ex(context.get(), method(algorithm), nullptr) == 1);
  for (const Bytes part : parts) CHECK_INVARIANT(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  Blob digest(digest_size(algorithm));
  CHECK_INVARIANT(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

Blob hmac(HashAlgorithm algorithm, Bytes key, std::initializer_list<Bytes> parts) {
  const Blob message = concat(parts);
  Blob mac(digest_size(algorithm));
  const std::uint8_t empty = 0;
  const auto* made = HMAC(method(algorithm), key.empty() ? &empty : key.data(), static_cast<int>(key.size()),
                          message.data(), message.size(), mac.data(), nullptr);
  CHECK_INVARIANT(made != nullptr);
  return mac;
}

Secret kdf_a(HashAlgorithm algorithm, Bytes key, std::string_view label, Bytes context_u, Bytes context_v,
             std::uint32_t bits) {
  const std::uint8_t zero = 0;
  return expand(algorithm, bits, [&](std::uint32_t counter) {
    return hmac(algorithm, key,
                {big_endian32(counter), as_bytes(label), Bytes(&zero, 1), context_u, context_v, big_endian32(bits)});
  });
}

Secret kdf_e(HashAlgorithm algorithm, Bytes z, std::string_view label, Bytes party_u, Bytes party_v,
             std::uint32_t bits) {
  const std::uint8_t zero = 0;
  return expand(algorithm, bits, [&](std::uint32_t counter) {
    return hash(algorithm, {big_endian32(counter), z, as_bytes(label), Bytes(&zero, 1), party_u, party_v});
  });
}

}  // namespace holdfast::trust::crypto
