// What the updater remembers, one record of the disk, so that all of it changes together: what each place of a
// component holds, how far the next image is, why the last one failed, what was counted. What is to be done next
// follows from this, from the slots and from what the director says; nothing else is remembered.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "ports/disk.h"
#include "ports/slots.h"
#include "trust/update/image.h"
#include "wire/check_in.h"

namespace holdfast::device::update {

/// An image that a place holds, whole and verified.
struct Holding {
  Digest256 sha256{};
  std::int64_t length = 0;
  std::string version;
  std::int64_t security_version = 0;
  trust::update::ImageKind kind = trust::update::ImageKind::Os;
  std::vector<trust::update::Need> needs = {};
  std::optional<trust::update::FloorWord> floor = {};
  std::optional<Duration> close_fallback = {};
  friend bool operator==(const Holding&, const Holding&) = default;
};

enum class Stage {
  Writing,  ///< the spare place is being filled
  Staged,   ///< it was read back whole and is right
  Trying,   ///< it is being armed, or tried, or its trial has ended
};

/// Why a trial ends, decided before it does.
struct Ending {
  bool is_image = false;  ///< the image's fault, and not the world's
  std::string reason;
};

struct Attempt {
  std::string image;  ///< path of the target
  Holding holding;
  std::int64_t director = 0;  ///< version that named it
  Stage stage = Stage::Writing;
  int tries = 0;               ///< trials that ended without a word, or out of the service's reach
  int waits = 0;               ///< failures of the world since it was staged
  bool was_up = false;         ///< somebody saw the trial run
  bool was_unhealthy = false;  ///< the device, before the trial, for what may be no fault of this image
  bool is_suspect = false;     ///< it did not reach the service: does the one before?
  std::int64_t boot = 0;       ///< in which the restart was asked for
  Instant since;               ///< when the trial began, or ended, in the boot that saw it
  std::optional<Ending> ending;
};

struct Failure {
  std::string image;
  Digest256 sha256{};
  std::int64_t director = 0;
  std::string reason;
};

/// How often the spare place was begun to be filled on one day: what wears the storage.
struct Wear {
  std::int64_t day = 0;  ///< since 1970, by the device's clock
  std::int64_t fills = 0;
};

struct ComponentState {
  std::array<std::optional<Holding>, 2> places;  ///< by slot; nothing: nobody knows
  std::optional<Attempt> attempt;
  std::optional<Failure> failed;
  std::optional<WallTime> kept_at = {};  ///< what runs, until its way back is closed
  std::vector<wire::ImageCounts> counts = {};
  Wear wear = {};

  std::optional<Holding>& place(ports::Slot slot) { return places[static_cast<std::size_t>(slot)]; }
  const std::optional<Holding>& place(ports::Slot slot) const { return places[static_cast<std::size_t>(slot)]; }
};

struct State {
  std::int64_t director = 0;           ///< version of the service's director that was taken last
  std::int64_t offline_director = 0;   ///< the same of the offline director's word, from a medium
  bool follows_medium = false;         ///< which of the two was taken last, and is followed
  std::int64_t counted_boot = -1;      ///< the boot that was counted last
  std::optional<WallTime> good_until;  ///< what the last update needed
  std::map<std::string, ComponentState, std::less<>> components = {};

  static Result<State> decode(Bytes record);
  Blob encode() const;
};

inline constexpr std::string_view kStateRecord{"updates"};
inline constexpr std::string_view kDirectorRecord{"director"};
inline constexpr std::string_view kOfflineDirectorRecord{"director-offline"};
inline constexpr std::size_t kCountedVersionsMax = 4;  ///< of one component

/// The counts of this version of a component, which are begun where there are none; the oldest make room.
wire::ImageCounts& counts_of(State& state, const std::string& component, const std::string& version);

}  // namespace holdfast::device::update
