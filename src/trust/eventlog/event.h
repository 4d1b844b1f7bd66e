// One event of a TCG event log (PC Client Platform Firmware Profile, §10.2). Its data is untrusted text and structures
// for people: what counts is the digest, once the log replays to the quoted PCRs. Describing never fails and never
// prints a control character.
#pragma once

#include <vector>

#include "trust/crypto/hash.h"

namespace holdfast::trust::eventlog {

/// PC Client Platform Firmware Profile §10.4.1. Logs hold others too; these are the ones that code names.
inline constexpr std::uint32_t kEvPostCode = 0x00000001;
inline constexpr std::uint32_t kEvNoAction = 0x00000003;
inline constexpr std::uint32_t kEvSeparator = 0x00000004;
inline constexpr std::uint32_t kEvAction = 0x00000005;
inline constexpr std::uint32_t kEvEventTag = 0x00000006;
inline constexpr std::uint32_t kEvSCrtmContents = 0x00000007;
inline constexpr std::uint32_t kEvSCrtmVersion = 0x00000008;
inline constexpr std::uint32_t kEvPlatformConfigFlags = 0x0000000A;
inline constexpr std::uint32_t kEvTableOfDevices = 0x0000000B;
inline constexpr std::uint32_t kEvCompactHash = 0x0000000C;
inline constexpr std::uint32_t kEvIpl = 0x0000000D;
inline constexpr std::uint32_t kEvNonhostCode = 0x0000000F;
inline constexpr std::uint32_t kEvNonhostConfig = 0x00000010;
inline constexpr std::uint32_t kEvNonhostInfo = 0x00000011;
inline constexpr std::uint32_t kEvOmitBootDeviceEvents = 0x00000012;
inline constexpr std::uint32_t kEvEfiVariableDriverConfig = 0x80000001;
inline constexpr std::uint32_t kEvEfiVariableBoot = 0x80000002;
inline constexpr std::uint32_t kEvEfiBootServicesApplication = 0x80000003;
inline constexpr std::uint32_t kEvEfiBootServicesDriver = 0x80000004;
inline constexpr std::uint32_t kEvEfiRuntimeServicesDriver = 0x80000005;
inline constexpr std::uint32_t kEvEfiGptEvent = 0x80000006;
inline constexpr std::uint32_t kEvEfiAction = 0x80000007;
inline constexpr std::uint32_t kEvEfiPlatformFirmwareBlob = 0x80000008;
inline constexpr std::uint32_t kEvEfiHandoffTables = 0x80000009;
inline constexpr std::uint32_t kEvEfiPlatformFirmwareBlob2 = 0x8000000A;
inline constexpr std::uint32_t kEvEfiHandoffTables2 = 0x8000000B;
inline constexpr std::uint32_t kEvEfiVariableBoot2 = 0x8000000C;
inline constexpr std::uint32_t kEvEfiVariableAuthority = 0x800000E0;

struct EventDigest {
  crypto::HashAlgorithm algorithm;
  Blob value;
  friend bool operator==(const EventDigest&, const EventDigest&) = default;
};

struct Event {
  std::uint32_t pcr = 0;
  std::uint32_t type = 0;
  std::vector<EventDigest> digests;  ///< of the algorithms we know
  Blob data;
  std::size_t index = 0;   ///< from 0, counting every event of the log
  std::size_t offset = 0;  ///< in the log's bytes
};

/// False for EV_NO_ACTION, which informs and is measured nowhere.
bool extends(const Event& event);

/// The digest of `algorithm`, or empty.
Bytes digest_of(const Event& event, crypto::HashAlgorithm algorithm);

/// "EV_SEPARATOR", or "EV_0x…" for a type that the profile does not know.
std::string type_name(std::uint32_t type);

/// Type and, where the data has some for people, a short safe text: `EV_EFI_VARIABLE_DRIVER_CONFIG SecureBoot`.
std::string describe(const Event& event);

}  // namespace holdfast::trust::eventlog
