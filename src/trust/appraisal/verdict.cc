#include "trust/appraisal/verdict.h"

#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::array<std::string_view, 4> kVerdictNames{"healthy", "update-only", "quarantined", "refused"};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < kCheckCount; ++i) {
    if (kChecks[i].check != static_cast<Check>(i)) return false;
    if (kChecks[i].when_it_fails == Verdict::Healthy) return false;
  }
  return true;
}
static_assert(table_is_in_order());

}  // namespace

std::string_view name_of(Verdict verdict) { return kVerdictNames[static_cast<std::size_t>(verdict)]; }

Result<Verdict> verdict_from(std::string_view name) {
  for (std::size_t i = 0; i < kVerdictNames.size(); ++i) {
    if (kVerdictNames[i] == name) return static_cast<Verdict>(i);
  }
  return fail(Next::Rejected, kVerdictUnknown,
              cat("expected healthy, update-only, quarantined or refused, saw ", printable(name, 40)));
}

Result<Check> check_from(std::string_view name) {
  for (const CheckRow& row : kChecks) {
    if (row.name == name) return row.check;
  }
  return fail(Next::Rejected, kCheckUnknown,
              cat("expected the name of a check such as events-known, saw ", printable(name, 40)));
}

}  // namespace holdfast::trust::appraisal
