// The first process's side of a door: answers what the agent asks of the system's places.
#pragma once

#include "linux/door/allowance.h"
#include "linux/door/datagram.h"
#include "linux/door/message.h"
#include "linux/slots/firmware_slots.h"
#include "ports/clock.h"
#include "ports/sealed_storage.h"

namespace holdfast::linux::door {

/// What it does beside the system's places.
class System : public ports::SealedStorage {
 public:
  /// Empty: the owner's settings end. Rejected (kDoorRefused) where they are none.
  virtual Result<void> follow_network(Bytes settings) = 0;
  virtual Result<void> end_reset() = 0;
};

class DoorKeeper {
 public:
  /// All outlive this. `places` null: the system has none, and the answers say so. `changes`: how often the agent may
  /// have something changed that wears out.
  DoorKeeper(slots::FirmwareSlots* places, System& system, ports::Clock& clock,
             const Allowance& changes = {64, minutes(5)})
      : places_(places), system_(system), clock_(clock), changes_(changes) {}

  /// Takes one question that is there, and answers it. False: nobody is at the other end any more. What is no question
  /// gets an answer that says so.
  Result<bool> answer_one(int door);

 private:
  struct Done {
    Answer answer;
    system::Descriptor opened;
  };
  Result<Done> act(const Question& question);
  slots::FirmwareSlots* places_;
  System& system_;
  ports::Clock& clock_;
  Allowance changes_;
};

}  // namespace holdfast::linux::door
