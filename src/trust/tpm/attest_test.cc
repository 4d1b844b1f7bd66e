#include "trust/tpm/attest.h"

#include <doctest/doctest.h>

#include "base/byte_io.h"
#include "trust/tpm/golden_test.h"
#include "trust/tpm/public_area.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::tpm;

namespace {

Reason refusal(Bytes bytes) {
  const auto parsed = parse_attest(bytes);
  REQUIRE_FALSE(parsed);
  return parsed.error().reason;
}

// Offsets in a quote whose signer's name is of SHA-256 and whose qualifying data has 32 bytes.
constexpr std::size_t kKindAt = 4;
constexpr std::size_t kSafeAt = 8 + 34 + 2 + 32 + 16;
constexpr std::size_t kSelectionCountAt = kSafeAt + 1 + 8;
constexpr std::size_t kBankAt = kSelectionCountAt + 4;
constexpr std::size_t kSelectSizeAt = kBankAt + 2;

Blob quote_with(std::size_t offset, std::uint8_t byte) {
  Blob quote = golden(kGoldenQuote);
  quote[offset] = byte;
  return quote;
}

}  // namespace

TEST_CASE("a TPM's quote reads as what was asked of it") {
  const Blob bytes = golden(kGoldenQuote);
  const auto attest = parse_attest(bytes);
  REQUIRE(attest);
  CHECK(marshal(*attest) == bytes);
  CHECK(attest->kind() == AttestKind::Quote);
  CHECK(attest->extra_data == golden(kGoldenQuoteQualifyingData));
  CHECK(attest->clock_info == ClockInfo{0x54B, 2, 0, true});
  const auto& quote = std::get<QuoteInfo>(attest->attested);
  REQUIRE(quote.selections.size() == 1);
  CHECK(quote.selections[0] == PcrSelection{crypto::HashAlgorithm::Sha256, 0xFFFF});
  CHECK(quote.pcr_digest.size() == 32);
}

TEST_CASE("a TPM's certification names the key") {
  const Blob bytes = golden(kGoldenCertification);
  const auto attest = parse_attest(bytes);
  REQUIRE(attest);
  CHECK(marshal(*attest) == bytes);
  const auto tls_key = parse_public_area(golden(kGoldenTlsKey));
  CHECK(std::get<CertifyInfo>(attest->attested).name == name_of(*tls_key));
}

TEST_CASE("a truncated attestation is refused at every length, and so is a trailing byte") {
  for (const std::string_view hex : {kGoldenQuote, kGoldenCertification}) {
    Blob bytes = golden(hex);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK(refusal(Bytes(bytes).first(size)) == kBytesTruncated);
    }
    bytes.push_back(0);
    CHECK(refusal(bytes) == kBytesTrailing);
  }
}

TEST_CASE("a structure that does not begin with TPM_GENERATED is refused") {
  for (std::size_t i = 0; i < 4; ++i) CHECK(refusal(quote_with(i, 0)) == kAttestNotGenerated);
}

TEST_CASE("kinds of attestation that nobody asked for are refused") {
  CHECK(refusal(quote_with(kKindAt + 1, 0x14)) == kAttestKindWrong);  // TPM_ST_ATTEST_NV
  CHECK(refusal(quote_with(kKindAt + 1, 0x1A)) == kAttestKindWrong);  // TPM_ST_ATTEST_CREATION
}

TEST_CASE("a malformed quote is refused") {
  CHECK(refusal(quote_with(kSafeAt, 2)) == kAttestMalformed);
  CHECK(refusal(quote_with(kSelectionCountAt + 3, kPcrSelectionsMax + 1)) == kAttestMalformed);
  CHECK(refusal(quote_with(kSelectionCountAt, 0xFF)) == kAttestMalformed);
  CHECK(refusal(quote_with(kBankAt + 1, 0x12)) == crypto::kAlgorithmUnknown);
  CHECK(refusal(quote_with(kSelectSizeAt, 4)) == kAttestMalformed);
  CHECK(refusal(Blob(kAttestBytesMax + 1)) == kAttestMalformed);
}

TEST_CASE("the digest of a quote is that of the PCR values, ascending") {
  const std::vector<Digest256> values = {crypto::sha256(as_bytes("0")), crypto::sha256(as_bytes("1"))};
  CHECK(pcr_digest_of(values) == crypto::sha256({values[0], values[1]}));
  CHECK(pcr_digest_of({}) == crypto::sha256(Bytes()));
}
