// What an application's image says of itself: `/application.json` in its tree, {component, version, entry_point,
// arguments?}. The sandbox that is to come reads more of it; members that this version does not know are refused.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::linux::apps {

inline constexpr Reason kApplicationMalformed{"application-malformed"};

inline constexpr std::string_view kManifestName{"application.json"};
inline constexpr std::size_t kManifestBytesMax = 64 * 1024;
inline constexpr std::size_t kArgumentsMax = 64;
inline constexpr std::size_t kArgumentBytesMax = 4096;

struct Application {
  std::string component;
  std::string version;
  std::string entry_point;  ///< from `/`, the root of the image
  std::vector<std::string> arguments = {};
};

Result<Application> parse_application(Bytes json);

}  // namespace holdfast::linux::apps
