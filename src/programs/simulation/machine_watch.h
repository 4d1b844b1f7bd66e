// What must hold of one device's memory at every moment of its life: no signed document that it keeps is older than one
// that it had, its time floor never falls and passes neither the world's time nor what is signed, and nothing runs
// below its floor. Looks at disk and slots as somebody who opened the device would.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "programs/simulation/machine.h"

namespace holdfast::programs::simulation {

class MachineWatch {
 public:
  /// What does not hold, in words; `now` is the world's time.
  std::vector<std::string> look(const Machine& machine, WallTime now);

  /// The newest root that the device keeps for its owner; 0: none yet.
  std::int64_t root() const;

 private:
  struct Kept {
    Blob bytes;
    std::int64_t version = 0;
  };

  void look_at_documents(const Machine& machine, std::vector<std::string>& wrong);
  void look_at_time(const Machine& machine, WallTime now, std::vector<std::string>& wrong);

  std::map<std::string, Kept, std::less<>> kept_;  ///< by record
  Blob time_record_;
  WallTime time_floor_;
};

}  // namespace holdfast::programs::simulation
