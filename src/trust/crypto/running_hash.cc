#include "trust/crypto/running_hash.h"

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <new>

namespace holdfast::trust::crypto {
namespace {

SHA256_CTX* context_in(ByteArray<112>& state) { return std::launder(reinterpret_cast<SHA256_CTX*>(state.data())); }

}  // namespace

RunningSha256::RunningSha256() : state_{} {
  static_assert(sizeof(SHA256_CTX) <= sizeof(state_) && alignof(SHA256_CTX) <= 8);
  SHA256_Init(new (state_.data()) SHA256_CTX);
}

void RunningSha256::add(Bytes bytes) { SHA256_Update(context_in(state_), bytes.data(), bytes.size()); }

Digest256 RunningSha256::take() {
  Digest256 digest;
  SHA256_Final(digest.data(), context_in(state_));
  SHA256_Init(context_in(state_));
  return digest;
}

}  // namespace holdfast::trust::crypto
