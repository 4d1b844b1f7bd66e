// An image repository on its way to a service: files that it does not have yet, in pieces, then the metadata, and the
// timestamp last, which puts all of it in force. Cut off anywhere, it goes on from there the next time.
#pragma once

#include <functional>

#include "cli/session/session.h"

namespace holdfast::cli::release {

inline constexpr std::size_t kPieceBytes = 512 * 1024;

/// Told now and then: the file, and how much of it is there.
using UploadProgress = std::function<void(const std::string& file, std::size_t done, std::size_t all)>;

struct Uploaded {
  std::size_t files = 0;  ///< that the service did not have
  std::size_t bytes = 0;
};

/// From the repository's folder; nothing is verified here, the service does.
Result<Uploaded> upload(World& world, Session& session, const std::string& repository, const std::string& catalog,
                        const UploadProgress& progress);

}  // namespace holdfast::cli::release
