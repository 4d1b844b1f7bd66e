// TPMS_ATTEST (TPM 2.0 Library, Part 2 §10.12.12): what a TPM signs about itself. Quotes and certifications are known,
// each in exactly one encoding; everything else is refused, as is whatever does not start with TPM_GENERATED, which a
// restricted key signs only when the TPM itself made the structure.
#pragma once

#include <variant>
#include <vector>

#include "trust/crypto/hash.h"

namespace holdfast::trust::tpm {

inline constexpr Reason kAttestMalformed{"attest-malformed"};
inline constexpr Reason kAttestNotGenerated{"attest-not-tpm-generated"};
inline constexpr Reason kAttestKindWrong{"attest-kind-wrong"};

inline constexpr std::size_t kAttestBytesMax = 1024;
inline constexpr std::size_t kPcrSelectionsMax = 8;
inline constexpr unsigned kPcrCount = 24;

/// TPMI_ST_ATTEST (Part 2 §6.9).
enum class AttestKind : std::uint16_t { Certify = 0x8017, Quote = 0x8018 };
std::string_view name_of(AttestKind kind);

struct PcrSelection {
  crypto::HashAlgorithm bank;
  std::uint32_t mask;  ///< bit n = PCR n, 24 bits
  friend bool operator==(const PcrSelection&, const PcrSelection&) = default;
};

/// TPMS_CLOCK_INFO. None of it decreases for one TPM, except `clock_ms` by a bounded amount when `safe` is false.
struct ClockInfo {
  std::uint64_t clock_ms = 0;  ///< powered time since the last TPM2_Clear
  std::uint32_t reset_count = 0;
  std::uint32_t restart_count = 0;
  bool safe = true;
  friend bool operator==(const ClockInfo&, const ClockInfo&) = default;
};

struct QuoteInfo {
  std::vector<PcrSelection> selections;
  Blob pcr_digest;
};

struct CertifyInfo {
  Blob name;
  Blob qualified_name;
};

struct Attest {
  Blob qualified_signer;
  Blob extra_data;  ///< the caller's qualifying data
  ClockInfo clock_info;
  std::uint64_t firmware_version = 0;
  std::variant<QuoteInfo, CertifyInfo> attested;

  AttestKind kind() const;
};

Result<Attest> parse_attest(Bytes bytes);
Blob marshal(const Attest& attest);

/// The pcrDigest of a quote signed with SHA-256 over these PCR values, ascending (Part 3 §18.4).
Digest256 pcr_digest_of(std::span<const Digest256> values);

}  // namespace holdfast::trust::tpm
