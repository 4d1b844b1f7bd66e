// What signed targets say of an image (flow 3.1): the member `custom` of its target. A device checks all of it against
// itself before it fetches a byte: no director can make it take what is for other hardware, below its floor, or needs
// what it does not run. Members that this version does not know are refused, because one may be a limit.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/json/fields.h"
#include "trust/tuf/targets.h"
#include "trust/update/floor_word.h"
#include "trust/update/verity.h"

namespace holdfast::trust::update {

inline constexpr Reason kImageMalformed{"image-malformed"};
inline constexpr Reason kImageNotSupported{"image-not-supported"};
inline constexpr Reason kImageForOtherProduct{"image-for-other-product"};
inline constexpr Reason kImageForOtherHardware{"image-for-other-hardware"};
inline constexpr Reason kImageBelowFloor{"image-below-floor"};
inline constexpr Reason kImageNeedsUnmet{"image-needs-unmet"};
inline constexpr Reason kImageMisplaced{"image-misplaced"};

inline constexpr std::size_t kImageNameBytesMax = 48;  ///< of products, hardware and components
inline constexpr std::size_t kImageVersionBytesMax = 64;
inline constexpr std::size_t kHardwareMax = 32;
inline constexpr std::size_t kNeedsMax = 16;
inline constexpr Duration kCloseFallbackMax = hours(366 * 24);
inline constexpr std::int64_t kManifestBytesMax = 1024 * 1024;

enum class ImageKind {
  Os,
  Application,
  RealTime,       ///< for a core beside the one that runs Linux
  Configuration,  ///< signed settings of a group or a device
};
std::string_view name_of(ImageKind kind);  ///< os, application, real-time, configuration
Result<ImageKind> image_kind_from(std::string_view word);

/// Another component that must run beside it, within these security versions, both included.
struct Need {
  std::string component;
  std::int64_t from = 0;
  std::optional<std::int64_t> to;

  bool is_met_by(std::int64_t security_version) const {
    return security_version >= from && security_version <= to.value_or(security_version);
  }
  friend bool operator==(const Need&, const Need&) = default;
};
/// Of the member `needs`, one for each component; none where it is left out.
Result<std::vector<Need>> needs_from(json::Fields& fields);
json::Value to_json(const std::vector<Need>& needs);
/// Of the member `close_fallback_s`, which is there.
Result<Duration> close_fallback_from(json::Fields& fields);

struct Image {
  ImageKind kind = ImageKind::Os;
  std::string product;
  std::vector<std::string> hardware;  ///< at least one
  std::string component;
  std::string version;
  std::int64_t security_version = 0;  ///< of the component: what its floor is compared with
  std::vector<Need> needs;
  tuf::MetaFile manifest;  ///< segments, deltas, SBOM, reference values: `length` and `hashes` are always there
  std::optional<FloorWord> floor = {};  ///< none: a vault's floor does not rise to it
  std::optional<Verity> verity = {};    ///< of an image that begins with a root
  /// How long ago a device that is healthy has to have kept it, by the time that it judges by, to close the way back:
  /// the floor rises to it. None: the way back is closed when the other place is filled with something else.
  std::optional<Duration> close_fallback = {};
  friend bool operator==(const Image&, const Image&);
};

/// Of a target's `custom`.
Result<Image> image_from(const json::Value& custom);
/// Refuses what image_from() would refuse.
Result<json::Value> to_json(const Image& image);

/// Where the target of a version is: `<component>/<version>/image`.
std::string image_path(std::string_view component, std::string_view version);
/// Rejected (kImageMisplaced) unless its target is where it belongs: a role that may speak for one component says
/// nothing of another, whatever it puts into `custom`.
Result<void> require_place(const Image& image, std::string_view path);

/// What a device is and, with the new images in place, will run.
struct Installation {
  std::string product;
  std::string hardware;
  std::vector<ImageKind> supported;
  std::map<std::string, std::int64_t, std::less<>> floor;             ///< lowest security version by component
  std::map<std::string, std::int64_t, std::less<>> security_version;  ///< by component
};

/// Rejected with the reason that is named after what does not fit.
Result<void> require_fit(const Image& image, const Installation& installation);

}  // namespace holdfast::trust::update
