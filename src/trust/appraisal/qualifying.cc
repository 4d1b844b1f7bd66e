#include "trust/appraisal/evidence.h"
#include "trust/crypto/hash.h"

namespace holdfast::trust::appraisal {

Digest256 qualifying_data(const Digest256& nonce, Bytes body) {
  return crypto::sha256({as_bytes("holdfast-attest-v1"), nonce, crypto::sha256(body)});
}

}  // namespace holdfast::trust::appraisal
