// The agent as a process: gives it its ports, sleeps between its steps, logs one line per event, and gives back what an
// idle device does not need (the TPM, connections, memory).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "device/update/settings.h"

namespace holdfast::programs {

inline constexpr Reason kAgentStateLocked{"agent-state-locked"};
inline constexpr Reason kAgentNotDone{"agent-not-done"};

struct AgentOptions {
  std::filesystem::path state;
  std::string tcti;
  std::filesystem::path boot;
  std::filesystem::path good_boot;  ///< may be empty, or of a file that is not there: keys are for any boot
  std::filesystem::path ticket;     ///< may be empty
  bool once = false;                ///< until attested and checked in, or until somebody has to act first
  std::filesystem::path slots;      ///< may be empty: the device takes no updates
  std::filesystem::path floors;     ///< where the floors that were seen are remembered; may be empty: beside the rest
  std::optional<int> system_door;   ///< descriptor on which the first process answers for the system's places
  std::filesystem::path network;    ///< settings of the network, read again when it changes; may be empty
  bool is_reset = false;            ///< settings are forgotten first, and the door hears of it
  std::string hardware;             ///< as releases name it
  std::filesystem::path applications;  ///< where their trees lie; may be empty: they are not run
  device::update::Settings updates;
  std::filesystem::path updates_from;  ///< a folder or a bundle that is carried to the device; may be empty
};

enum class AgentEnd {
  Done,
  WantsBoot,  ///< the device is to boot into what it is to try, or back
};

/// Returns when a signal ended it, when the device is to boot, or with `once` when it is done; an Error says why it is
/// not.
Result<AgentEnd> run_agent(const AgentOptions& options);

/// Prints what the records in `state` say; takes no lock and changes nothing.
Result<void> print_status(const std::filesystem::path& state, bool as_json);

/// Opens one connection with the client certificate and checks in on it, then again for every line of standard input;
/// prints `status N` and what the service said. Once open, the connection needs neither TPM nor agent any more.
Result<void> hold_connection(const AgentOptions& options);

}  // namespace holdfast::programs
