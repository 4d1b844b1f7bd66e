// TCG event logs, SHA-1 (TCG_PCClientPCREvent) and crypto-agile (TCG_PCR_EVENT2 after a Spec ID event), PC Client
// Platform Firmware Profile §10.2, little-endian. Parsing is exact and bounded: an empty, truncated, over-long or
// self-contradicting log is refused with a reason. Replaying computes the PCRs that the log claims; only equality with
// a verified quote makes a log worth reading.
#pragma once

#include <array>
#include <optional>

#include "trust/eventlog/event.h"

namespace holdfast::trust::eventlog {

inline constexpr Reason kEventLogEmpty{"event-log-empty"};
inline constexpr Reason kEventLogTooLong{"event-log-too-long"};
inline constexpr Reason kEventLogTruncated{"event-log-truncated"};
inline constexpr Reason kEventLogMalformed{"event-log-malformed"};
inline constexpr Reason kEventLogBankMissing{"event-log-bank-missing"};

inline constexpr std::size_t kLogBytesMax = 1024 * 1024;
inline constexpr std::size_t kEventsMax = 4096;
inline constexpr std::size_t kEventBytesMax = 256 * 1024;
inline constexpr std::size_t kLogAlgorithmsMax = 8;
inline constexpr unsigned kPcrCount = 24;

enum class LogFormat { Sha1, CryptoAgile };
std::string_view name_of(LogFormat format);

struct Log {
  LogFormat format;
  std::vector<crypto::HashAlgorithm> algorithms;  ///< the ones that we know of those that the log carries
  std::vector<Event> events;                      ///< all, the header's and informative ones included
  std::optional<std::uint8_t> startup_locality;
};

Result<Log> parse(Bytes bytes);

struct Replay {
  std::array<Blob, kPcrCount> pcrs;  ///< of the bank's size
  std::uint32_t extended = 0;        ///< bit n: some event extended PCR n
};

/// The PCRs after the log, from zero, PCR 0 from the startup locality. PCRs 17 to 22 hold ones until a dynamic launch
/// sets them to zero and extends them.
/// kEventLogBankMissing: the log carries no digests of `bank`.
Result<Replay> replay(const Log& log, crypto::HashAlgorithm bank);

}  // namespace holdfast::trust::eventlog
