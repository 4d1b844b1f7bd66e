// What a device shows (RFC 9334: evidence) and what the service knows about it. Both borrow: the message, the
// attestation key and the reference sets must outlive them. `event_log`, the requests, `running`, `started` and
// `floors` must have been read from `body`, which the TPM's signatures cover; nothing that counts is unsigned.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "trust/appraisal/reference_set.h"
#include "trust/tpm/attest.h"

namespace holdfast::trust::tpm {
struct PublicArea;
}

namespace holdfast::trust::appraisal {

struct CertifiedKeyEvidence {
  Bytes public_area;  ///< TPMT_PUBLIC
  Bytes attest;       ///< TPMS_ATTEST of TPM2_Certify
  Bytes signature;    ///< TPMT_SIGNATURE
  Bytes request;      ///< PKCS#10, DER
};

struct RunningComponent {
  std::string_view component;
  std::string_view version;
};

struct ToldFloor {
  std::string_view component;
  std::int64_t security_version;
};

struct Evidence {
  Digest256 nonce{};  ///< as presented
  Bytes quote;        ///< TPMS_ATTEST
  Bytes quote_signature;
  std::vector<Digest256> pcr_values;  ///< PCR 0 to 15, SHA-256
  CertifiedKeyEvidence client_key;
  CertifiedKeyEvidence update_key;
  Bytes body;
  Bytes event_log;
  std::vector<RunningComponent> running;
  std::vector<RunningComponent> started = {};  ///< since the boot, so that no event tells of them
  std::vector<ToldFloor> floors = {};          ///< in its vault, above zero, of what runs
};

enum class Freshness {
  Challenged,  ///< the nonce must be the one that was issued
  Replayed,    ///< stored evidence: freshness is not judged
  Accepted,    ///< stored, and Healthy or UpdateOnly when it came: what the TPM signed held then and is not judged
};

struct Expectations {
  const tpm::PublicArea* attestation_key = nullptr;  ///< bound to the device at enrolment; never null
  Freshness freshness = Freshness::Challenged;
  std::optional<Digest256> nonce;            ///< issued, unexpired, unused; none: there is no such challenge
  std::optional<tpm::ClockInfo> last_clock;  ///< of the last accepted quote of this attestation key; none: the first
  std::vector<const ReferenceSet*> allowed;  ///< current, previous, trial, baselines; best guess first
  std::map<std::string, std::int64_t, std::less<>>
      recorded_floor;                      ///< of this device; the higher of it and the policy's holds
  std::vector<std::string_view> optional;  ///< may be absent beside what the policy lets be absent: on its way there
  std::span<const ImageName> withdrawn;    ///< by their owner, beside those of the policy
};

/// SHA-256("holdfast-attest-v1" ‖ nonce ‖ SHA-256(body)): what the quote and both certifications must be signed over.
Digest256 qualifying_data(const Digest256& nonce, Bytes body);

}  // namespace holdfast::trust::appraisal
