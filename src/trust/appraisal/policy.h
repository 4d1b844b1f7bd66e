// An attestation policy: which PCRs are judged, which components must be there, how old they may be, how long
// certificates last, and which checks are judged harsher than the table says. Versioned; JSON, in which every member
// but `version` may be left out and then has its default. Refused: a milder verdict than the table's, a life out of
// bounds, a life over 24 h without the name of the exception that allows it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json/value.h"
#include "base/time.h"
#include "trust/appraisal/reference_set.h"
#include "trust/appraisal/verdict.h"

namespace holdfast::trust::appraisal {

inline constexpr Reason kPolicyMalformed{"policy-malformed"};
inline constexpr Reason kPolicyMilder{"policy-milder"};
inline constexpr Reason kPolicyLifeWrong{"policy-life-wrong"};

inline constexpr std::size_t kPolicyBytesMax = 64 * 1024;
inline constexpr std::size_t kPolicyComponentsMax = 16;
inline constexpr std::size_t kWithdrawnMax = 256;
inline constexpr std::size_t kExceptionBytesMax = 120;

inline constexpr Duration kClientLifeMin = minutes(10);
inline constexpr Duration kClientLifeMax = days(30);
inline constexpr Duration kClientLifeUnexcused = hours(24);  ///< default, and the most without a named exception
inline constexpr Duration kUpdateLifeMin = hours(1);
inline constexpr Duration kUpdateLifeMax = days(7);  ///< default
inline constexpr Duration kQuarantineLifeMin = minutes(10);
inline constexpr Duration kQuarantineLifeMax = hours(1);  ///< default

struct Policy {
  std::int64_t version = 1;
  std::uint32_t pcrs = 0xFFFF;        ///< judged: bit n = PCR n; a subset of 0 to 15, not empty
  std::vector<std::string> required;  ///< must be there, also where no set of theirs is allowed
  std::vector<std::string> optional;  ///< may be absent; every other component with an allowed set must be there
  std::map<std::string, std::int64_t> floor;  ///< lowest security version per component
  std::vector<ImageName> withdrawn;           ///< sorted, each once
  Duration client_life = kClientLifeUnexcused;
  std::string long_life_exception;  ///< why client_life may be over 24 h; else empty
  Duration update_life = kUpdateLifeMax;
  Duration quarantine_life = kQuarantineLifeMax;
  std::map<Check, Verdict> harsher;  ///< each at least as bad as the table's

  /// The verdict of a failed check under this policy.
  Verdict when_it_fails(Check check) const;
  friend bool operator==(const Policy&, const Policy&) = default;
};

Result<Policy> parse_policy(Bytes json_text);
Result<Policy> policy_from(const json::Value& value);
json::Value to_json(const Policy& policy);

}  // namespace holdfast::trust::appraisal
