#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/appraisal/match.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::size_t kValuesMax = 256;

using Values = std::vector<Digest256>;

/// PCR 0 begins with the locality that started the TPM (PC Client Platform Firmware Profile, StartupLocality event).
Values initial_values(unsigned pcr) {
  Values out(1);
  if (pcr != 0) return out;
  for (const std::uint8_t locality : {std::uint8_t{3}, std::uint8_t{4}}) {
    out.emplace_back();
    out.back().back() = locality;
  }
  return out;
}

Digest256 extended(Digest256 value, std::span<const ReferenceEvent* const> events) {
  for (const ReferenceEvent* event : events) value = crypto::sha256({value, event->digest});
  return value;
}

/// What the PCR can hold after one of the component's alternatives, whatever it held before.
Values after(const Component& component, unsigned pcr, const Values& before) {
  Values out;
  for (const Alternative& alternative : component.alternatives) {
    for (const Digest256& value : before) {
      if (out.size() < kValuesMax) out.push_back(extended(value, alternative.events.at(pcr)));
    }
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

}  // namespace

std::vector<Difference> match_values(const std::vector<Digest256>& values, const std::vector<Component>& components,
                                     std::uint32_t pcrs) {
  std::vector<Difference> out;
  for (unsigned pcr = 0; pcr < kPcrsQuoted && pcr < values.size(); ++pcr) {
    if ((pcrs >> pcr & 1u) == 0) continue;
    Values possible = initial_values(pcr);
    for (const Component& component : components) possible = after(component, pcr, possible);
    if (std::ranges::find(possible, values[pcr]) != possible.end()) continue;
    out.push_back({pcr, {}, cat("in PCR ", pcr, " a value that allowed reference sets give"), to_hex(values[pcr])});
  }
  return out;
}

}  // namespace holdfast::trust::appraisal
