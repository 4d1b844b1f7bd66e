// What all metadata of a TUF repository has in common (TUF 1.0 §4.3 to §4.6): a type, a version that never goes back,
// an end; and how one document pins another. Members that TUF does not define are passed over, as §4.2 asks; the
// signatures cover them all the same.
#pragma once

#include <optional>

#include "base/json/fields.h"
#include "trust/tuf/content.h"
#include "trust/tuf/envelope.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kMetadataMalformed{"metadata-malformed"};
inline constexpr Reason kMetadataExpired{"metadata-expired"};
inline constexpr Reason kMetadataRolledBack{"metadata-rolled-back"};
inline constexpr Reason kMetadataVersionWrong{"metadata-version-wrong"};

inline constexpr std::int64_t kVersionMax = (std::int64_t{1} << 53) - 1;  ///< what every reader of JSON keeps whole

struct Header {
  std::int64_t version = 0;
  WallTime expires;
};

/// `type`: `root`, `timestamp`, `snapshot` or `targets`.
Result<Header> read_header(json::Fields& fields, std::string_view type);
/// The members of a header, to which the document's own are added.
json::Object write_header(const Header& header, std::string_view type);

/// kMetadataExpired once `now` reaches `expires`.
Result<void> require_unexpired(std::string_view document, WallTime expires, WallTime now);

/// What one document says of another (METAFILES, §4.4).
struct MetaFile {
  std::int64_t version = 1;
  std::optional<std::int64_t> length;  ///< in bytes
  std::optional<Hashes> hashes;
};

Result<MetaFile> read_meta_file(const json::Value& value, std::string_view name);
json::Value write_meta_file(const MetaFile& file);
/// Length and digests of a document that another one names; its version is looked at once it is read.
Result<void> require_meta_file(std::string_view name, const MetaFile& file, Bytes document);
Result<void> require_version(std::string_view name, std::int64_t expected, std::int64_t seen);

}  // namespace holdfast::trust::tuf
