// Attestation (flow 2): a nonce, then a quote and two key certifications over SHA-256("holdfast-attest-v1" ‖ nonce ‖
// SHA-256(body)), where body is all the rest. The body travels as the exact bytes that were hashed.
#pragma once

#include <optional>

#include "wire/message.h"

namespace holdfast::wire {

inline constexpr std::size_t kNonceBytes = 32;
inline constexpr std::size_t kPcrsQuoted = 16;
inline constexpr std::size_t kEventLogBytesMax = 512 * 1024;
inline constexpr std::size_t kRequestBytesMax = 2 * 1024;  ///< a PKCS#10 request
inline constexpr std::size_t kRunningMax = 64;
inline constexpr std::size_t kEscrowBytesMax = 512;
inline constexpr std::size_t kFindingsMax = 256;
inline constexpr std::size_t kFindingTextBytesMax = 1024;

/// POST /v1/attest/challenge
struct AttestChallengeRequest {
  std::string catalog;
  std::string device;

  static Result<AttestChallengeRequest> decode(Bytes body);
  Blob encode() const;
};

struct AttestChallenge {
  ByteArray<kNonceBytes> nonce{};
  WallTime expires;

  static Result<AttestChallenge> decode(Bytes body);
  Blob encode() const;
};

struct Running {
  std::string component;
  std::string version;
  std::int64_t security_version = 0;
};

/// A member of a message.
Result<std::vector<Running>> decode_running(json::Fields& fields, std::string_view member = "running");
json::Value encode_running(const std::vector<Running>& running);

/// How high a component's floor is in the device's vault.
struct LaidFloor {
  std::string component;
  std::int64_t security_version = 0;
};

/// What the quote's qualifying data covers besides the nonce.
struct AttestBody {
  Blob event_log;
  Blob client_request;  ///< PKCS#10, DER
  Blob update_request;
  std::int64_t boot_count = 0;
  std::vector<Running> running;
  std::vector<Running> started = {};   ///< since the boot: by the device's word alone, no measurement tells of them
  std::vector<LaidFloor> floors = {};  ///< above zero, of what runs
  Blob escrow = {};                    ///< trust/update/escrow.h; empty: the device owns no chip, or says nothing

  static Result<AttestBody> decode(Bytes body);
  Blob encode() const;
};

struct CertifiedKey {
  Blob public_area;  ///< TPMT_PUBLIC
  Blob attest;       ///< TPMS_ATTEST of TPM2_Certify
  Blob signature;    ///< TPMT_SIGNATURE
};

/// POST /v1/attest
struct AttestRequest {
  std::string catalog;
  std::string device;
  ByteArray<kNonceBytes> nonce{};
  Blob quote;
  Blob quote_signature;
  std::vector<Digest256> pcr_values;  ///< PCR 0 to 15
  CertifiedKey client_key;
  CertifiedKey update_key;
  Blob body;  ///< an encoded AttestBody

  static Result<AttestRequest> decode(Bytes message);
  Blob encode() const;
};

struct AttestFinding {
  std::string check;
  bool passed = false;
  std::string verdict;  ///< what the check's failure means
  std::string expected;
  std::string seen;
};

struct IssuedCertificate {
  Blob certificate;  ///< DER, the leaf
  Blob issuer;       ///< DER, the issuing CA
};

struct AttestResult {
  std::string verdict;  ///< healthy, update-only, quarantined, refused
  std::vector<AttestFinding> findings;
  std::optional<IssuedCertificate> client_certificate;
  std::optional<IssuedCertificate> update_certificate;

  static Result<AttestResult> decode(Bytes body);
  Blob encode() const;
};

}  // namespace holdfast::wire
