// Two places for each component of a device: an operating system, an application, its settings. One place runs, the
// other is spare and takes the next image. What was armed is tried once: unless it is confirmed, the next start is the
// confirmed place again, whoever caused it. A power cut leaves every call done or not done, but for written bytes that
// no sync() followed, of which any may be there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

inline constexpr Reason kSlotsFailed{"slots-failed"};
inline constexpr Reason kSlotsMissing{"slots-missing"};  ///< no such component here
inline constexpr Reason kSlotsFull{"slots-full"};        ///< more bytes than a place takes
inline constexpr Reason kSlotsBusy{"slots-busy"};        ///< a trial runs, and the spare place is what it falls back to

enum class Slot { A = 0, B = 1 };
constexpr Slot other(Slot slot) { return slot == Slot::A ? Slot::B : Slot::A; }

enum class Trial {
  None,
  Armed,    ///< the spare place is tried at the next start
  Running,  ///< what runs is being tried; the confirmed place is the other one
  Failed,   ///< the spare place was tried and not confirmed, and the confirmed one runs again
};

struct SlotFacts {
  Slot confirmed = Slot::A;  ///< what starts when nothing is armed
  Slot running = Slot::A;
  Trial trial = Trial::None;
  std::int64_t capacity = 0;  ///< bytes that a place takes
};

class Slots {
 public:
  virtual ~Slots() = default;
  /// Everything that has places, by name.
  virtual Result<std::vector<std::string>> components() = 0;
  virtual Result<SlotFacts> facts(std::string_view component) = 0;
  /// Fewer bytes than asked for at the end of the place.
  virtual Result<Blob> read(std::string_view component, Slot slot, std::int64_t offset, std::size_t bytes) = 0;
  /// To the spare place, which is armed no longer; Conflict (kSlotsBusy) while a trial runs.
  virtual Result<void> write(std::string_view component, std::int64_t offset, Bytes bytes) = 0;
  virtual Result<void> sync(std::string_view component) = 0;  ///< of the spare place
  /// The first `length` bytes of the spare place are tried at the next start.
  virtual Result<void> arm(std::string_view component, std::int64_t length) = 0;
  virtual Result<void> confirm(std::string_view component) = 0;  ///< what runs is what starts from now on; also again
  /// Ends what runs and starts what is armed, else what is confirmed. Of an operating system it does not return.
  virtual Result<void> restart(std::string_view component) = 0;
};

}  // namespace holdfast::ports
