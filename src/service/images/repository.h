// The owner's image repository as this service hands it out (flow 3): metadata that the owner's roles signed, in the
// store, and images, in files. The service verifies what it is given, as a device will, and can forge none of it. New
// documents come first and count for nothing; the timestamp that names them comes last and puts all of them in force
// in one transaction.
#pragma once

#include <map>

#include "ports/store/rows/update.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/tuf/targets.h"
#include "trust/update/image.h"

namespace holdfast::service::images {

inline constexpr Reason kRepositoryEmpty{"repository-empty"};
inline constexpr Reason kDocumentMissing{"document-missing"};
inline constexpr Reason kDocumentInForce{"document-in-force"};
inline constexpr Reason kImageMissing{"image-missing"};
inline constexpr Reason kImageUnknown{"image-unknown"};

/// A document under its name in the repository, `7.targets.json`; not yet in force, and not verified. One that is in
/// force is not replaced: Conflict (kDocumentInForce), unless it is the same.
Result<void> store_document(ports::Transaction& tx, std::string_view catalog, std::string_view file, Bytes bytes,
                            WallTime now);

/// Puts in force what this timestamp names: verified under the owner's newest root, never older than what is in force,
/// and every image that it speaks of here, with all that its manifest names. What neither it nor the one before names
/// is forgotten.
Result<ports::RepositoryRow> publish(ports::Transaction& tx, ports::ImageFiles& files, std::string_view catalog,
                                     Bytes timestamp, const Caller& by, WallTime now);

/// A metadata file as a device asks for it: `timestamp.json`, `7.targets.json`, `3.root.json`.
Result<Blob> metadata_file(ports::Transaction& tx, std::string_view catalog, std::string_view file);

/// An image that may be deployed.
struct Released {
  std::string path;  ///< of its target
  std::int64_t length = 0;
  Digest256 sha256{};
  trust::update::Image image;
};

/// What the repository says now of all its images, by path; a path that no role may name, and a version that was
/// withdrawn, is not among them. NotFound
/// (kRepositoryEmpty) where nothing was published yet.
Result<std::map<std::string, Released, std::less<>>> released_images(ports::Transaction& tx, std::string_view catalog);

/// The paths of images that were withdrawn.
Result<std::vector<std::string>> withdrawn_images(ports::Transaction& tx, std::string_view catalog);

/// The file of a target beside the others of its component and version; Rejected for a path of another shape.
Result<ports::ImageFileName> file_of(std::string_view catalog, std::string_view path, const Digest256& sha256);

}  // namespace holdfast::service::images
