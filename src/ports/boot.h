// What this boot was: the measured event log, how often the device has booted, and what it says that it runs.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

struct RunningComponent {
  std::string component;  ///< component id
  std::string version;
  std::int64_t security_version = 0;
  friend bool operator==(const RunningComponent&, const RunningComponent&) = default;
};

struct BootFacts {
  Blob event_log;  ///< TCG log as the firmware left it
  std::int64_t boot_count = 0;
  std::vector<RunningComponent> running;
  Blob escrow = {};  ///< what owns the vault's chip, for its owner alone (trust/update/escrow.h); may be empty
};

class Boot {
 public:
  virtual ~Boot() = default;
  virtual Result<BootFacts> facts() = 0;
};

}  // namespace holdfast::ports
