#include "trust/appraisal/released_set.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

std::unexpected<Error> unfit(const Release& release, std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kReferenceValuesUnfit,
              cat("expected reference values of ", printable(release.name.component), " ",
                  printable(release.name.version), " with ", expected, ", saw ", seen));
}

}  // namespace

Result<ReferenceSet> parse_released_set(Bytes json_text, const Release& release) {
  auto set = TRY(parse_reference_set(json_text));
  const bool is_its_own =
      ImageName{set.component, set.version} == release.name && set.security_version == release.security_version;
  if (!is_its_own) {
    return unfit(release, cat("security version ", release.security_version),
                 cat(set.component, " ", set.version, " with ", set.security_version));
  }
  if (set.source != ReferenceSource::Image) return unfit(release, "an image as source", "a baseline");
  if (release.is_system) return set;
  const auto other = std::ranges::find_if(set.events, [](const auto& event) { return event.pcr != kStartedPcr; });
  if (other == set.events.end()) return set;
  return unfit(release, cat("events of PCR ", kStartedPcr, " alone, for it is no operating system"),
               cat("one of PCR ", other->pcr));
}

}  // namespace holdfast::trust::appraisal
