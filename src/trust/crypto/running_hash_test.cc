#include "trust/crypto/running_hash.h"

#include <doctest/doctest.h>

#include "trust/crypto/hash.h"

using namespace holdfast;
using namespace holdfast::trust::crypto;

TEST_CASE("a digest of pieces is that of the whole, and the next begins anew") {
  const Blob message(1000, 0x61);
  RunningSha256 digest;
  for (int round = 0; round < 2; ++round) {
    digest.add(Bytes(message).first(1));
    digest.add({});
    digest.add(Bytes(message).subspan(1));
    CHECK(digest.take() == sha256(message));
  }
  CHECK(digest.take() == sha256(Bytes{}));
}
