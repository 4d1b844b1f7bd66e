// Reference values (RATS, RFC 9334 §8.3): the events that one version of one component leaves in the log when it boots,
// in order. They come from an image's release, or from a golden device as a reviewed baseline for the firmware and
// loader events that no release covers. `holdfast reference-values add FILE` takes the JSON form.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json/value.h"

namespace holdfast::trust::eventlog {
struct Log;
}

namespace holdfast::trust::appraisal {

inline constexpr Reason kReferenceSetMalformed{"reference-set-malformed"};

inline constexpr std::size_t kReferenceSetBytesMax = 1024 * 1024;
inline constexpr std::size_t kReferenceEventsMax = 2048;
inline constexpr std::size_t kDescriptionBytesMax = 200;
inline constexpr std::size_t kComponentBytesMax = 48;
inline constexpr std::size_t kComponentVersionBytesMax = 64;
inline constexpr std::int64_t kSecurityVersionMax = 1'000'000'000;

/// PCRs that a quote covers: 0 to 15.
inline constexpr unsigned kPcrsQuoted = 16;

/// One version of one component.
struct ImageName {
  std::string component;
  std::string version;
  friend auto operator<=>(const ImageName&, const ImageName&) = default;
};

enum class ReferenceSource { Image, Baseline };
std::string_view name_of(ReferenceSource source);

struct ReferenceEvent {
  std::uint8_t pcr = 0;
  Digest256 digest{};
  std::string description;
  friend bool operator==(const ReferenceEvent&, const ReferenceEvent&) = default;
};

struct ReferenceSet {
  std::string component;  ///< `[a-z0-9]([a-z0-9.-]*[a-z0-9])?`
  std::string version;
  std::int64_t security_version = 0;
  ReferenceSource source = ReferenceSource::Image;
  std::vector<ReferenceEvent> events;  ///< at least one, in the order of the log
  friend bool operator==(const ReferenceSet&, const ReferenceSet&) = default;
};

/// {component, version, security_version, source?, events: [{pcr, digest, description}]}; `source` is `image` where it
/// is left out.
Result<ReferenceSet> parse_reference_set(Bytes json_text);
Result<ReferenceSet> reference_set_from(const json::Value& value);
json::Value to_json(const ReferenceSet& set);

/// A baseline: every event of a golden device's log that extends one of `pcrs`, but for those that the `covered` sets
/// (of the images that it ran) already explain. Rejected if the log has no SHA-256 digests or `covered` does not fit
/// it.
Result<ReferenceSet> reference_set_from_log(const ImageName& name, std::int64_t security_version,
                                            const eventlog::Log& log, std::uint32_t pcrs = 0xFFFF,
                                            const std::vector<const ReferenceSet*>& covered = {});

/// What a component may be called and how its version may be written.
Result<void> require_component_name(std::string_view name);
Result<void> require_component_version(std::string_view version);

}  // namespace holdfast::trust::appraisal
