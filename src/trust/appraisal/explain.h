// An appraisal for people and for the store: each check with what was expected and what was seen. A quote says what
// started and not what happened since, and the text says so too.
#pragma once

#include "base/json/value.h"
#include "trust/appraisal/appraise.h"

namespace holdfast::trust::appraisal {

inline constexpr Reason kAppraisalMalformed{"appraisal-malformed"};

/// Several lines, each ending in a newline; safe to print.
std::string explain(const Appraisal& appraisal);

/// Verdict, findings and images; keys and clock are not part of the record.
json::Value to_json(const Appraisal& appraisal);
Result<Appraisal> appraisal_from(const json::Value& value);

}  // namespace holdfast::trust::appraisal
