// What the agent, which has no rights, asks of the first process, which has all: a datagram for a question, one for its
// answer, between two processes of one image. The first process acts on nothing but what is here, each within the rules
// of the system's places (linux/slots/firmware_slots.h). An opened place comes as a descriptor beside the answer.
#pragma once

#include <string>

#include "ports/slots.h"

namespace holdfast::linux::door {

inline constexpr Reason kDoorMalformed{"door-malformed"};
inline constexpr Reason kDoorFailed{"door-failed"};
inline constexpr std::size_t kDoorBytesMax = 8192;

inline constexpr Reason kDoorBoots{"door-boots"};      ///< the device boots for what was asked
inline constexpr Reason kDoorBusy{"door-busy"};        ///< changes come too often
inline constexpr Reason kDoorRefused{"door-refused"};  ///< settings that are none

enum class Ask : std::uint8_t {
  Alive = 1,  ///< nothing; who does not ask for long is started anew
  Facts = 2,
  Read = 3,   ///< a place, to be read
  Write = 4,  ///< the spare place, to be written
  Arm = 5,
  Confirm = 6,
  Erase = 7,    ///< what is sealed; the device may boot for it
  Network = 8,  ///< follows these settings of the owner's, or, where they are empty, what the factory said
  Reset = 9,    ///< the agent's part of a reset is done
};

struct Question {
  Ask ask = Ask::Alive;
  ports::Slot slot = ports::Slot::A;  ///< of Read
  std::int64_t length = 0;            ///< of Arm
  Blob settings = {};                 ///< of Network

  static Result<Question> decode(Bytes message);
  Blob encode() const;
};

/// An Error, or what is so afterwards.
struct Answer {
  std::string component;  ///< empty: there is none that has places
  ports::SlotFacts facts;

  static Result<Answer> decode(Bytes message);
};
Blob encode(const Result<Answer>& answer);

}  // namespace holdfast::linux::door
