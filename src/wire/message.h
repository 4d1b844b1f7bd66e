// What all messages between a device and its service share: JSON objects that carry the number of their version, refuse
// members they do not know, and have a named maximum for everything.
#pragma once

#include "base/json/fields.h"

namespace holdfast::wire {

inline constexpr Reason kVersionUnknown{"version-unknown"};

inline constexpr std::int64_t kVersion = 1;

inline constexpr std::size_t kMessageBytesMax = 1024 * 1024;
inline constexpr std::size_t kNameBytesMax = 64;
inline constexpr std::size_t kUrlBytesMax = 512;
inline constexpr std::size_t kCertificateBytesMax = 8 * 1024;
inline constexpr std::size_t kChainLengthMax = 8;
inline constexpr std::size_t kTpmStructureBytesMax = 4 * 1024;
inline constexpr std::size_t kSecretBytesMax = 64;

/// Bytes on the wire of a message's members, its version in front.
Blob encode_message(json::Object members);

/// A message's JSON, ready for Fields::of with the same `what`; its `version` member is checked and must be ignored.
Result<json::Value> parse_message(Bytes body, std::string_view what);

/// The members of a message; `version` is already taken.
Result<json::Fields> fields_of(const json::Value& message, std::string_view what);

json::Value base64_array(const std::vector<Blob>& blobs);

}  // namespace holdfast::wire
