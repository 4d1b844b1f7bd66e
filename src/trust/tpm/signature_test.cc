#include "trust/tpm/signature.h"

#include <doctest/doctest.h>

#include "base/byte_io.h"
#include "trust/tpm/golden_test.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::tpm;

namespace {

Reason refusal(Bytes bytes) {
  const auto parsed = parse_signature(bytes);
  REQUIRE_FALSE(parsed);
  return parsed.error().reason;
}

}  // namespace

TEST_CASE("a TPM's signature survives parsing, and DER and back") {
  const Blob bytes = golden(kGoldenQuoteSignature);
  const auto signature = parse_signature(bytes);
  REQUIRE(signature);
  CHECK(marshal(*signature) == bytes);
  const auto again = tpm_signature_from_der(signature->hash, *to_der(*signature), 32);
  CHECK(marshal(*again) == bytes);
}

TEST_CASE("a truncated signature is refused at every length, and so is a trailing byte") {
  Blob bytes = golden(kGoldenQuoteSignature);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(refusal(Bytes(bytes).first(size)) == kBytesTruncated);
  bytes.push_back(0);
  CHECK(refusal(bytes) == kBytesTrailing);
}

TEST_CASE("other algorithms, unknown hashes and empty or over-long scalars are refused") {
  CHECK(refusal(ByteArray<4>{0x00, 0x14, 0x00, 0x0B}) == kSignatureUnsupported);  // RSASSA
  CHECK(refusal(ByteArray<2>{0x00, 0x10}) == kSignatureUnsupported);              // TPM_ALG_NULL
  CHECK(refusal(ByteArray<4>{0x00, 0x18, 0x00, 0x12}) == crypto::kAlgorithmUnknown);
  CHECK(refusal(marshal({crypto::HashAlgorithm::Sha256, {}, {1}})) == kSignatureMalformed);
  CHECK(refusal(marshal({crypto::HashAlgorithm::Sha256, Blob(kScalarBytesMax + 1, 1), {1}})) == kBytesTruncated);
  CHECK(refusal(Blob(kSignatureBytesMax + 1)) == kSignatureMalformed);
}
