// The settings of an application, an image of kind configuration: one JSON document for a whole device group, with what
// is different on single devices. It is the component `<application>-settings`, so that an application never has two.
// Read the same way where it is released and where it is used; refuses members that this version does not know, because
// one may be a limit, and documents that are larger, deeper or for more devices than a device is to work through.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json/value.h"

namespace holdfast::trust::update {

inline constexpr Reason kConfigurationMalformed{"configuration-malformed"};

inline constexpr std::size_t kConfigurationBytesMax = 256 * 1024;
inline constexpr std::size_t kConfigurationLevelsMax = 16;  ///< of the document, which is the first
inline constexpr std::size_t kConfigurationValuesMax = 20'000;
inline constexpr std::size_t kConfigurationDevicesMax = 1000;

struct Configuration {
  std::string application;                                  ///< the component that reads it
  json::Value settings;                                     ///< an object
  std::map<std::string, json::Value, std::less<>> devices;  ///< by the device's id, an object: what is different there
};

/// `door-settings` of `door`: the component.
std::string settings_of(std::string_view application);
/// Whether it is an application's settings: an image of it is of kind configuration, and no other image is.
bool is_settings(std::string_view component);

/// {"application": "door", "settings": {…}, "devices": {"hf-0123-4567-89ab-cdef": {…}}}, the last one optional, as the
/// content of `component`. Rejected (kConfigurationMalformed) with, in `at`, the names that lead to what is wrong;
/// none: the text as such.
Result<Configuration> parse_configuration(std::string_view component, Bytes document,
                                          std::vector<std::string>* at = nullptr);

/// What the application reads on this device: the group's settings with the device's own merged in as RFC 7396 says, a
/// member that is null there being taken away.
json::Value settings_on(const Configuration& configuration, std::string_view device);

}  // namespace holdfast::trust::update
