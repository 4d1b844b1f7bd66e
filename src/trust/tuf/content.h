// What a signed document says of other bytes (TUF 1.0 §4.4, §4.5): how long they are and what their digests are.
// Nothing of the bytes is used before they agree.
#pragma once

#include <optional>

#include "base/json/fields.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kContentDiffers{"content-differs"};
inline constexpr Reason kContentMalformed{"content-malformed"};

inline constexpr std::int64_t kLengthMax = std::int64_t{1} << 40;

/// Digests by algorithm; others than these are passed over, so that there may be none.
struct Hashes {
  std::optional<Digest256> sha256;
  std::optional<ByteArray<64>> sha512;
  friend bool operator==(const Hashes&, const Hashes&) = default;
};

/// The member `hashes` of an object.
Result<Hashes> read_hashes(json::Fields& fields);
json::Value write_hashes(const Hashes& hashes);

/// At least one digest is of a kind that we can compute. `what` is for errors.
Result<void> require_known_hash(std::string_view what, const Hashes& hashes);
/// Every digest that is named agrees.
Result<void> require_hashes(std::string_view what, const Hashes& hashes, Bytes bytes);

}  // namespace holdfast::trust::tuf
