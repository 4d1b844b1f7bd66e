// The first process's side of a door: answers what the agent asks of the system's places.
#pragma once

#include "linux/door/datagram.h"
#include "linux/door/message.h"
#include "linux/slots/firmware_slots.h"
#include "ports/sealed_storage.h"

namespace holdfast::linux::door {

class DoorKeeper {
 public:
  /// `places` outlive this; null: the system has none, and the answers say so. `sealed`: what erases it.
  DoorKeeper(slots::FirmwareSlots* places, ports::SealedStorage& sealed) : places_(places), sealed_(sealed) {}

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
  ports::SealedStorage& sealed_;
};

}  // namespace holdfast::linux::door
