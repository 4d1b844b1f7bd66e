// What a device says of itself to whoever may read its disk: how far it is, who it is, its last verdict with what did
// not pass, how long its certificates are good, and what stands in its way. Read from the records alone, so that it can
// be asked while the agent runs and after it stopped. Holds no secret; text that came from outside is printable.
#pragma once

#include "base/json/value.h"
#include "device/record/records.h"

namespace holdfast::device::status {

enum class Phase {
  Unclaimed,  ///< no ticket, no owner
  Claiming,   ///< on its way to an identity
  Enrolled,   ///< has an identity and no verdict
  Attested,   ///< has a verdict
};
std::string_view name_of(Phase phase);

Phase phase_of(const record::Records& records);

json::Value to_json(const record::Records& records);

/// One `name: value` per line.
std::string to_text(const record::Records& records);

}  // namespace holdfast::device::status
