// What lets a device's vault raise its floor (trust/tpm/floor.h): two signatures of the floor's authority, over laying
// the component's floor at this image's security version and over raising it to there. Part of what signed targets say
// of an image, so that whoever may release a component names the authority of its floor.
#pragma once

#include "base/json/fields.h"
#include "trust/crypto/key.h"

namespace holdfast::trust::update {

inline constexpr Reason kFloorWordMalformed{"floor-word-malformed"};

inline constexpr std::size_t kSpkiBytesMax = 256;
inline constexpr std::size_t kFloorSignatureBytesMax = 80;

struct FloorWord {
  Blob authority;  ///< SubjectPublicKeyInfo, DER, of a P-256 key
  Blob lay;        ///< ECDSA-SHA256, DER
  Blob raise;      ///< the same
  friend bool operator==(const FloorWord&, const FloorWord&) = default;
};

/// What the authority signs.
struct FloorWordParts {
  Blob lay;
  Blob raise;
};
/// Rejected where the key is no P-256 key.
Result<FloorWordParts> floor_word_parts(const crypto::PublicKey& authority, std::string_view component,
                                        std::int64_t security_version);

/// A member of an image of this component and security version; Rejected where a signature is wrong.
Result<FloorWord> floor_word_from(json::Fields fields, std::string_view component, std::int64_t security_version);
/// Of a record of the device's own: its signatures are looked at before it is used.
Result<FloorWord> kept_floor_word_from(json::Fields fields);
/// The authority's key, once it is sure that both signatures are its own.
Result<crypto::PublicKey> verify_floor_word(const FloorWord& word, std::string_view component,
                                            std::int64_t security_version);
json::Value to_json(const FloorWord& word);

}  // namespace holdfast::trust::update
