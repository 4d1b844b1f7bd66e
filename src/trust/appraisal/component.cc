#include "trust/appraisal/component.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

bool may_be_absent(std::string_view name, const Expectations& expectations, const Policy& policy) {
  if (std::ranges::find(policy.optional, name) != policy.optional.end()) return true;
  return std::ranges::find(expectations.optional, name) != expectations.optional.end() &&
         std::ranges::find(policy.required, name) == policy.required.end();
}

void report(Components& out, std::string expected, std::string seen) {
  out.shortfalls.push_back({std::move(expected), std::move(seen)});
}

/// The component of `name`, made where there is none yet; null when there are too many.
Component* component_named(Components& out, std::string_view name) {
  const auto found = std::ranges::find(out.list, name, &Component::name);
  if (found != out.list.end()) return &*found;
  if (out.list.size() == kComponentsMax) {
    report(out, cat("reference sets of at most ", kComponentsMax, " components"), cat("another, ", name));
    return nullptr;
  }
  out.list.push_back({name, {}});
  return &out.list.back();
}

void add_set(Components& out, const ReferenceSet& set, std::uint32_t pcrs) {
  Component* component = component_named(out, set.component);
  if (component == nullptr) return;
  Alternative alternative{&set,
                          {set.events, [pcrs](const ReferenceEvent& event) { return (pcrs >> event.pcr & 1u) != 0; }}};
  if (alternative.events.size() == 0) return;
  if (component->alternatives.size() == kAlternativesMax) {
    report(out, cat("at most ", kAlternativesMax, " allowed reference sets of ", set.component),
           cat("another, ", set.version));
    return;
  }
  component->alternatives.push_back(std::move(alternative));
}

}  // namespace

Components components_of(const Expectations& expectations, const Policy& policy) {
  Components out;
  out.list.reserve(kComponentsMax);
  for (const ReferenceSet* set : expectations.allowed) add_set(out, *set, policy.pcrs);
  for (const std::string& name : policy.required) {
    if (std::ranges::find(out.list, name, &Component::name) == out.list.end()) {
      report(out, cat("reference values of ", name, ", which the policy requires"), "none that this device may run");
    }
  }
  for (Component& component : out.list) {
    const bool is_optional = may_be_absent(component.name, expectations, policy);
    if (component.alternatives.empty() && !is_optional) {
      report(out, cat("reference values of ", component.name, " in the PCRs that are judged"), "none there");
    }
    if (component.alternatives.empty() || is_optional) component.alternatives.push_back({});
  }
  return out;
}

}  // namespace holdfast::trust::appraisal
