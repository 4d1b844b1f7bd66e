// The owner's image repository as a folder, which any web server can hand out as it is: `metadata/` with TUF metadata
// under consistent names (TUF 1.0 §6.2) and `targets/` with images and their manifests. It is made and signed on a
// machine that never sees a service. Each time all of it is verified under the owner's root before anything is added,
// and the timestamp is written last, so that a folder which is copied or cut off in between still says what it said.
#pragma once

#include "cli/owner/folder.h"
#include "trust/update/manifest.h"

namespace holdfast::cli::release {

inline constexpr Reason kRepositoryThere{"repository-there"};
inline constexpr Reason kVersionReleased{"version-released"};
inline constexpr Reason kUnreleased{"unreleased"};
inline constexpr Reason kRepositoryUnsigned{"repository-unsigned"};

inline constexpr std::size_t kImageBytesMax = 1024UL * 1024 * 1024;

class Repository {
 public:
  /// Makes an empty one with the owner's roots, signed by the keys in the owner's folder. Conflict where there is one.
  static Result<void> make(World& world, const owner::Folder& owner, const std::string& path, Duration life);
  /// As it is published, verified but for its end, so that one that has ended can be published anew.
  static Result<Repository> open(Files& files, const owner::Folder& owner, std::string path);

  /// The images by the path of their target, `<component>/<version>/image`.
  const std::map<std::string, trust::update::Image, std::less<>>& images() const { return images_; }
  std::int64_t length_of(const std::string& image) const { return targets_.targets.at(image).length; }
  WallTime expires() const { return expires_; }

  /// Writes an image, deltas to it from these released versions of its component, and its manifest; nobody sees them
  /// before publish(). A delta that is no smaller than the image is left out. Conflict (kVersionReleased) where there
  /// is this version of this component with other bytes or another description; only deltas may be added to it.
  /// `image.manifest` is made here. Returns the deltas that are there now.
  Result<std::vector<trust::update::Delta>> add(Files& files, trust::update::Image image, Bytes content,
                                                const std::vector<std::string>& deltas_from);
  /// Publishes everything that was added, with the owner's newest root and an end `life` from now.
  Result<void> publish(World& world, const owner::Folder& owner, Duration life);

 private:
  explicit Repository(std::string path) : path_(std::move(path)) {}
  std::string metadata(std::string_view name) const;
  Result<trust::tuf::Target> write_target(Files& files, const std::string& path, Bytes content) const;
  Result<void> note_images();
  Result<void> require_unreleased(const std::string& path, const trust::update::Image& image, Bytes content) const;
  /// An empty one where the image was not released yet.
  Result<trust::update::Manifest> manifest_of(Files& files, const std::string& path) const;
  Result<Blob> read_target(Files& files, const std::string& path, std::size_t bytes_max) const;
  /// Replaces the one from the same bytes.
  Result<void> add_delta(Files& files, const std::string& folder, Bytes from, Bytes content,
                         trust::update::Manifest& manifest) const;

  std::string path_;
  trust::tuf::Targets targets_;
  std::int64_t snapshot_version_ = 0;
  std::int64_t timestamp_version_ = 0;
  WallTime expires_;
  std::map<std::string, trust::update::Image, std::less<>> images_;
};

}  // namespace holdfast::cli::release
