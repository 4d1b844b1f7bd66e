// The regular sign of life, over mutual TLS with the client or the update certificate. Both sides show the audit head
// that they last saw, so that a truncated or rebuilt chain is noticed (flow 5.4).
#pragma once

#include <optional>

#include "wire/attest.h"

namespace holdfast::wire {

struct AuditHead {
  std::int64_t sequence = 0;
  Digest256 hash{};
  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

inline constexpr std::size_t kCountsMax = 128;
inline constexpr std::size_t kUpdateReasonBytesMax = 256;
inline constexpr std::size_t kTimeNonceBytes = 16;
inline constexpr std::size_t kTimeStatementBytesMax = 4 * 1024;

/// What a device counted of one version of a component since it was installed. The numbers only rise, so that saying
/// them again says nothing new.
struct ImageCounts {
  std::string component;
  std::string version;
  std::int64_t boots = 0;         ///< or starts
  std::int64_t failed_boots = 0;  ///< started, and never said that it is up
  std::int64_t fallbacks = 0;
  std::int64_t exits = 0;    ///< of an application, by itself and with success
  std::int64_t crashes = 0;  ///< of an application: a signal, a status other than 0, a watchdog
  friend bool operator==(const ImageCounts&, const ImageCounts&) = default;
};

/// How far a device is with what it is to have.
enum class UpdatePhase {
  Fetching,
  Trying,
  Failed,   ///< because of the image: it is not tried again until the director says so with a new version
  Waiting,  ///< because of the world, or of a window: it goes on by itself
  Refused,  ///< director and image repository do not agree, or it does not fit this device
};
std::string_view name_of(UpdatePhase phase);  ///< fetching, trying, failed, waiting, refused

struct UpdateState {
  std::string component;
  std::string image;  ///< path of the target
  UpdatePhase phase = UpdatePhase::Fetching;
  std::string reason;  ///< a word of a closed set; empty while it goes well
  friend bool operator==(const UpdateState&, const UpdateState&) = default;
};

/// POST /v1/check-in
struct CheckInRequest {
  std::int64_t boot_count = 0;
  std::vector<Running> running;
  std::int64_t trust_policy = 0;  ///< the number that the device has pinned
  std::optional<AuditHead> audit_head;
  std::int64_t director = 0;                               ///< version of the director's targets that it follows
  std::vector<ImageCounts> counts = {};                    ///< of what runs, and of what fell back
  std::vector<UpdateState> updates = {};                   ///< of components that are not as they are to be
  std::optional<ByteArray<kTimeNonceBytes>> time_nonce{};  ///< asks what time it is

  static Result<CheckInRequest> decode(Bytes body);
  Blob encode() const;
};

struct CheckInResult {
  Duration check_in_again{};      ///< from now
  bool attest_now = false;        ///< the service wants fresh evidence
  std::int64_t trust_policy = 0;  ///< the newest number
  std::optional<AuditHead> audit_head;
  bool release = false;           ///< the owner lets this device go; the statement is at /v1/release
  std::int64_t director = 0;      ///< version of the director's targets for this device, at /v1/director; 0: none
  bool update_now = false;        ///< somebody asked: outside of windows and waits, too
  std::optional<Blob> time = {};  ///< trust/update/time_statement.h, over `time_nonce`

  static Result<CheckInResult> decode(Bytes body);
  Blob encode() const;
};

}  // namespace holdfast::wire
