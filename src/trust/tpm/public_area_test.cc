#include "trust/tpm/public_area.h"

#include <doctest/doctest.h>

#include "base/byte_io.h"
#include "trust/tpm/golden_test.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::tpm;

namespace {

constexpr std::string_view kAreas[] = {kGoldenEndorsementRsa, kGoldenEndorsementP256, kGoldenEndorsementP384,
                                       kGoldenAttestationKey, kGoldenTlsKey};

/// The attestation key's area with the 16-bit number at `offset` replaced.
Blob with_number(std::size_t offset, std::uint16_t number) {
  Blob area = golden(kGoldenAttestationKey);
  area[offset] = static_cast<std::uint8_t>(number >> 8);
  area[offset + 1] = static_cast<std::uint8_t>(number);
  return area;
}

Reason refusal(Bytes area) {
  const auto parsed = parse_public_area(area);
  REQUIRE_FALSE(parsed);
  return parsed.error().reason;
}

// Offsets in the area of an ECC key without a policy.
constexpr std::size_t kTypeAt = 0;
constexpr std::size_t kNameAlgorithmAt = 2;
constexpr std::size_t kPolicyAt = 8;
constexpr std::size_t kSymmetricAt = 10;
constexpr std::size_t kSchemeAt = 12;
constexpr std::size_t kSchemeHashAt = 14;
constexpr std::size_t kCurveAt = 16;
constexpr std::size_t kKdfAt = 18;
constexpr std::size_t kXSizeAt = 20;

}  // namespace

TEST_CASE("what a TPM made is parsed and marshalled back to the same bytes") {
  for (const std::string_view hex : kAreas) {
    const Blob bytes = golden(hex);
    const auto area = parse_public_area(bytes);
    REQUIRE(area);
    CHECK(area->bytes == bytes);
    CHECK(marshal(*area) == bytes);
  }
}

TEST_CASE("a name is the one that the TPM computes") {
  const auto area = parse_public_area(golden(kGoldenAttestationKey));
  CHECK(to_hex(name_of(*area)) == kGoldenAttestationKeyName);
}

TEST_CASE("a truncated area is refused at every length, and so is a trailing byte") {
  for (const std::string_view hex : kAreas) {
    Blob bytes = golden(hex);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(parse_public_area(Bytes(bytes).first(size)));
    bytes.push_back(0);
    CHECK(refusal(bytes) == kBytesTrailing);
  }
}

TEST_CASE("an over-long area is refused before it is read") {
  CHECK(refusal(Blob(kPublicAreaBytesMax + 1)) == kPublicAreaMalformed);
}

TEST_CASE("algorithms that Holdfast does not speak are refused by name") {
  CHECK(refusal(with_number(kTypeAt, 0x0008)) == kPublicAreaUnsupported);              // keyed hash
  CHECK(refusal(with_number(kTypeAt, 0x0025)) == kPublicAreaUnsupported);              // symmetric cipher
  CHECK(refusal(with_number(kNameAlgorithmAt, 0x0012)) == crypto::kAlgorithmUnknown);  // SM3
  CHECK(refusal(with_number(kSymmetricAt, 0x0013)) == kPublicAreaUnsupported);         // SM4
  CHECK(refusal(with_number(kSchemeAt, 0x001A)) == kPublicAreaUnsupported);            // ECDAA: anonymous
  CHECK(refusal(with_number(kSchemeAt, 0x0014)) == kPublicAreaUnsupported);            // RSASSA on a curve
  CHECK(refusal(with_number(kSchemeHashAt, 0x0012)) == crypto::kAlgorithmUnknown);
  CHECK(refusal(with_number(kCurveAt, 0x0010)) == kPublicAreaUnsupported);  // BN P-256
  CHECK(refusal(with_number(kKdfAt, 0x0020)) == kPublicAreaUnsupported);
}

TEST_CASE("a policy that is no digest of the name algorithm is refused") {
  CHECK(refusal(with_number(kPolicyAt, 2)) == kPublicAreaMalformed);
}

TEST_CASE("a doctored area: a point off the curve, or a coordinate in another length") {
  Blob off = golden(kGoldenAttestationKey);
  off.back() ^= 1;
  CHECK(refusal(off) == crypto::kKeyMalformed);

  Blob padded = with_number(kXSizeAt, 33);
  padded.insert(padded.begin() + kXSizeAt + 2, 0);
  CHECK(refusal(padded) == crypto::kKeyMalformed);
}

TEST_CASE("a doctored RSA area: another exponent, or a modulus of another size") {
  const Blob genuine = golden(kGoldenEndorsementRsa);
  const std::size_t bits_at = genuine.size() - 256 - 8;
  Blob exponent = genuine;
  exponent[bits_at + 5] = 3;
  CHECK(refusal(exponent) == kPublicAreaUnsupported);
  Blob bits = genuine;
  bits[bits_at] = 0x0C;
  CHECK(refusal(bits) == kPublicAreaMalformed);
  Blob short_modulus = genuine;
  short_modulus[bits_at + 8] &= 0x7F;
  CHECK(refusal(short_modulus) == kPublicAreaMalformed);
}
