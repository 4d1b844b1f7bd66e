// Enrolment by credential activation (flow 1.3 and 1.4): the device shows its endorsement key and a fresh attestation
// key, the service answers with a secret that only a chip holding both can open, and the device gives the secret back.
#pragma once

#include <optional>

#include "base/secret.h"
#include "wire/message.h"

namespace holdfast::wire {

inline constexpr std::size_t kChallengeBytes = 16;

/// POST /v1/enroll
struct EnrollRequest {
  std::string catalog;
  std::optional<Blob> ek_certificate;  ///< DER
  std::vector<Blob> ek_chain;          ///< DER, issuers of the certificate as the chip ships them
  Blob ek_public;                      ///< TPMT_PUBLIC; only its key is looked at, and only against an allow-list
  Blob ak_public;                      ///< TPMT_PUBLIC
  std::optional<Secret> claim_secret;  ///< of the claim ticket; none where the owner's list names the endorsement key

  static Result<EnrollRequest> decode(Bytes body);
  Blob encode() const;
};

struct EnrollChallenge {
  ByteArray<kChallengeBytes> challenge{};
  Blob credential_blob;  ///< for TPM2_ActivateCredential
  Blob encrypted_secret;
  WallTime expires;

  static Result<EnrollChallenge> decode(Bytes body);
  Blob encode() const;
};

/// POST /v1/enroll/proof
struct EnrollProof {
  ByteArray<kChallengeBytes> challenge{};
  Secret secret;

  static Result<EnrollProof> decode(Bytes body);
  Blob encode() const;
};

struct EnrollResult {
  std::string device;
  std::string catalog;
  std::string product;
  std::string device_group;

  static Result<EnrollResult> decode(Bytes body);
  Blob encode() const;
};

}  // namespace holdfast::wire
