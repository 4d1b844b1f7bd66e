#include "trust/tpm/attest.h"

#include "base/byte_io.h"
#include "base/text.h"

namespace holdfast::trust::tpm {
namespace {

constexpr std::uint32_t kTpmGenerated = 0xFF544347;  ///< Part 2 §6.2
constexpr std::size_t kNameBytesMax = 2 + crypto::kDigestBytesMax;
constexpr std::size_t kExtraDataBytesMax = 2 + crypto::kDigestBytesMax;  ///< TPM2B_DATA holds a TPMT_HA
constexpr std::uint8_t kPcrSelectBytes = kPcrCount / 8;

Result<AttestKind> read_kind(ByteReader& in) {
  const std::uint16_t id = TRY(in.u16());
  switch (const auto kind = static_cast<AttestKind>(id)) {
    case AttestKind::Certify:
    case AttestKind::Quote: return kind;
  }
  return fail(Next::Rejected, kAttestKindWrong, cat("attest: expected a quote or a certification, saw type ", id));
}

Result<ClockInfo> read_clock_info(ByteReader& in) {
  ClockInfo info;
  info.clock_ms = TRY(in.u64());
  info.reset_count = TRY(in.u32());
  info.restart_count = TRY(in.u32());
  const std::uint8_t safe = TRY(in.u8());
  if (safe > 1) return fail(Next::Rejected, kAttestMalformed, cat("attest: expected safe to be 0 or 1, saw ", safe));
  info.safe = safe == 1;
  return info;
}

Result<PcrSelection> read_selection(ByteReader& in) {
  PcrSelection selection{};
  selection.bank = TRY(crypto::hash_algorithm(TRY(in.u16())));
  const std::uint8_t size = TRY(in.u8());
  if (size != kPcrSelectBytes) {
    return fail(Next::Rejected, kAttestMalformed,
                cat("attest: expected a PCR selection of ", kPcrSelectBytes, " bytes, saw ", size));
  }
  for (unsigned i = 0; i < kPcrSelectBytes; ++i) {
    selection.mask |= static_cast<std::uint32_t>(TRY(in.u8())) << (8 * i);
  }
  return selection;
}

Result<QuoteInfo> read_quote(ByteReader& in) {
  const std::uint32_t count = TRY(in.u32());
  if (count > kPcrSelectionsMax) {
    return fail(Next::Rejected, kAttestMalformed,
                cat("attest: expected at most ", kPcrSelectionsMax, " PCR selections, saw ", count));
  }
  QuoteInfo quote;
  quote.selections.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) quote.selections.push_back(TRY(read_selection(in)));
  quote.pcr_digest = to_blob(TRY(in.sized16(crypto::kDigestBytesMax)));
  return quote;
}

Result<CertifyInfo> read_certify(ByteReader& in) {
  CertifyInfo certified;
  certified.name = to_blob(TRY(in.sized16(kNameBytesMax)));
  certified.qualified_name = to_blob(TRY(in.sized16(kNameBytesMax)));
  return certified;
}

void write(ByteWriter& out, const QuoteInfo& quote) {
  out.u32(static_cast<std::uint32_t>(quote.selections.size()));
  for (const PcrSelection& selection : quote.selections) {
    out.u16(static_cast<std::uint16_t>(selection.bank)).u8(kPcrSelectBytes);
    for (unsigned i = 0; i < kPcrSelectBytes; ++i) out.u8(static_cast<std::uint8_t>(selection.mask >> (8 * i)));
  }
  out.sized16(quote.pcr_digest);
}

void write(ByteWriter& out, const CertifyInfo& certified) {
  out.sized16(certified.name).sized16(certified.qualified_name);
}

}  // namespace

std::string_view name_of(AttestKind kind) { return kind == AttestKind::Quote ? "quote" : "certification"; }

AttestKind Attest::kind() const {
  return std::holds_alternative<QuoteInfo>(attested) ? AttestKind::Quote : AttestKind::Certify;
}

Result<Attest> parse_attest(Bytes bytes) {
  if (bytes.size() > kAttestBytesMax) {
    return fail(Next::Rejected, kAttestMalformed,
                cat("attest: expected at most ", kAttestBytesMax, " bytes, saw ", bytes.size()));
  }
  ByteReader in(bytes, Endian::Big, "attest");
  const std::uint32_t magic = TRY(in.u32());
  if (magic != kTpmGenerated) {
    return fail(Next::Rejected, kAttestNotGenerated, cat("attest: expected TPM_GENERATED, saw ", magic));
  }
  const AttestKind kind = TRY(read_kind(in));
  Attest attest;
  attest.qualified_signer = to_blob(TRY(in.sized16(kNameBytesMax)));
  attest.extra_data = to_blob(TRY(in.sized16(kExtraDataBytesMax)));
  attest.clock_info = TRY(read_clock_info(in));
  attest.firmware_version = TRY(in.u64());
  if (kind == AttestKind::Quote) {
    attest.attested = TRY(read_quote(in));
  } else {
    attest.attested = TRY(read_certify(in));
  }
  TRY(in.done());
  return attest;
}

Blob marshal(const Attest& attest) {
  ByteWriter out(Endian::Big);
  out.u32(kTpmGenerated).u16(static_cast<std::uint16_t>(attest.kind()));
  out.sized16(attest.qualified_signer).sized16(attest.extra_data);
  const ClockInfo& clock = attest.clock_info;
  out.u64(clock.clock_ms).u32(clock.reset_count).u32(clock.restart_count).u8(clock.safe ? 1 : 0);
  out.u64(attest.firmware_version);
  std::visit([&](const auto& attested) { write(out, attested); }, attest.attested);
  return out.take();
}

Digest256 pcr_digest_of(std::span<const Digest256> values) {
  return crypto::sha256({values.empty() ? nullptr : values.front().data(), values.size_bytes()});
}

}  // namespace holdfast::trust::tpm
