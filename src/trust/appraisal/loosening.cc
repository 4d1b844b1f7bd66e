#include "trust/appraisal/loosening.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

using Loosenings = std::vector<Loosening>;

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void compare_pcrs(const Policy& from, const Policy& to, Loosenings& out) {
  for (unsigned pcr = 0; pcr < kPcrsQuoted; ++pcr) {
    if ((from.pcrs >> pcr & 1u) != 0 && (to.pcrs >> pcr & 1u) == 0) {
      out.push_back({LooseningKind::FewerPcrs, cat("PCR ", pcr, " is no longer judged")});
    }
  }
}

void compare_components(const Policy& from, const Policy& to, Loosenings& out) {
  for (const std::string& name : from.required) {
    if (holds(to.required, name) || holds(to.optional, name)) continue;
    out.push_back({LooseningKind::ComponentNotRequired,
                   cat(name, " is no longer required where no reference values of it are allowed")});
  }
  for (const std::string& name : to.optional) {
    if (!holds(from.optional, name)) out.push_back({LooseningKind::ComponentOptional, cat(name, " may be absent")});
  }
}

void compare_floors(const Policy& from, const Policy& to, Loosenings& out) {
  for (const auto& [component, floor] : from.floor) {
    const auto found = to.floor.find(component);
    const std::int64_t after = found == to.floor.end() ? 0 : found->second;
    if (after >= floor) continue;
    out.push_back({LooseningKind::LowerFloor, cat("the floor of ", component, " falls from ", floor, " to ", after)});
  }
}

void compare_withdrawn(const Policy& from, const Policy& to, Loosenings& out) {
  for (const ImageName& image : from.withdrawn) {
    if (std::ranges::find(to.withdrawn, image) != to.withdrawn.end()) continue;
    out.push_back(
        {LooseningKind::WithdrawnReturns, cat(image.component, " ", image.version, " is no longer withdrawn")});
  }
}

void compare_life(std::string_view what, Duration from, Duration to, Loosenings& out) {
  if (to <= from) return;
  out.push_back(
      {LooseningKind::LongerLife, cat(what, " certificates live ", to_text(to), " instead of ", to_text(from))});
}

void compare_verdicts(const Policy& from, const Policy& to, Loosenings& out) {
  for (const CheckRow& row : kChecks) {
    const Verdict before = from.when_it_fails(row.check);
    const Verdict after = to.when_it_fails(row.check);
    if (after >= before) continue;
    out.push_back({LooseningKind::MilderVerdict,
                   cat("a failed ", row.name, " means ", name_of(after), " instead of ", name_of(before))});
  }
}

}  // namespace

std::string_view name_of(LooseningKind kind) {
  switch (kind) {
    case LooseningKind::FewerPcrs: return "fewer-pcrs";
    case LooseningKind::ComponentNotRequired: return "component-not-required";
    case LooseningKind::ComponentOptional: return "component-optional";
    case LooseningKind::LowerFloor: return "lower-floor";
    case LooseningKind::WithdrawnReturns: return "withdrawn-returns";
    case LooseningKind::LongerLife: return "longer-life";
    case LooseningKind::MilderVerdict: return "milder-verdict";
    case LooseningKind::ReferenceAdded: return "reference-added";
    case LooseningKind::AnchorAdded: return "anchor-added";
    case LooseningKind::FewerApprovals: return "fewer-approvals";
  }
  return "unknown";
}

std::vector<Loosening> loosened(const Policy& from, const Policy& to) {
  Loosenings out;
  compare_pcrs(from, to, out);
  compare_components(from, to, out);
  compare_floors(from, to, out);
  compare_withdrawn(from, to, out);
  compare_life("client", from.client_life, to.client_life, out);
  compare_life("update", from.update_life, to.update_life, out);
  compare_life("quarantine", from.quarantine_life, to.quarantine_life, out);
  compare_verdicts(from, to, out);
  return out;
}

std::vector<Loosening> loosened(std::span<const ReferenceSet* const> from, std::span<const ReferenceSet* const> to) {
  Loosenings out;
  for (const ReferenceSet* set : to) {
    const auto is_same = [&](const ReferenceSet* known) { return *known == *set; };
    if (std::ranges::any_of(from, is_same)) continue;
    const auto is_namesake = [&](const ReferenceSet* known) {
      return known->component == set->component && known->version == set->version;
    };
    const std::string_view how =
        std::ranges::any_of(from, is_namesake) ? " is allowed with other values than before" : " is allowed";
    out.push_back({LooseningKind::ReferenceAdded, cat(set->component, " ", set->version, " (", name_of(set->source),
                                                      ", ", set->events.size(), " events)", how)});
  }
  return out;
}

std::vector<Loosening> loosened(std::string_view what, std::span<const Digest256> from, std::span<const Digest256> to) {
  Loosenings out;
  for (const Digest256& digest : to) {
    if (std::ranges::find(from, digest) != from.end()) continue;
    out.push_back({LooseningKind::AnchorAdded, cat("the ", what, " with SHA-256 ", to_hex(digest), " is accepted")});
  }
  return out;
}

std::vector<Loosening> loosened(const ApprovalRules& from, const ApprovalRules& to) {
  Loosenings out;
  if (from.two_approvers && !to.two_approvers) {
    out.push_back({LooseningKind::FewerApprovals, "one operator alone may loosen what is trusted"});
  }
  if (from.signed_policy && !to.signed_policy) {
    out.push_back({LooseningKind::FewerApprovals, "what is trusted is loosened without the release key's signature"});
  }
  return out;
}

}  // namespace holdfast::trust::appraisal
