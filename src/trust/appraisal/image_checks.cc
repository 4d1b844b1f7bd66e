#include "trust/appraisal/image_checks.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

using Images = std::vector<MatchedImage>;

std::string words_for(const Images& images) {
  std::vector<std::string> names;
  names.reserve(images.size());
  for (const MatchedImage& image : images) {
    names.push_back(cat(image.component, " ", image.version, " (security version ", image.security_version, ")"));
  }
  return join(names, ", ");
}

std::string versions_of(const Images& images, std::string_view component) {
  std::vector<std::string> versions;
  for (const MatchedImage& image : images) {
    if (image.component == component) versions.push_back(image.version);
  }
  return versions.empty() ? cat("no ", printable(component)) : cat(component, " ", join(versions, " or "));
}

void judge_versions(const Images& images, const std::vector<RunningComponent>& running, Report& report) {
  for (const RunningComponent& one : running) {
    const bool is_measured = std::ranges::any_of(images, [&](const MatchedImage& image) {
      return image.component == one.component && image.version == one.version;
    });
    if (is_measured) continue;
    report.failed(Check::VersionsKnown, cat(versions_of(images, one.component), " as measured"),
                  cat("a report of ", printable(one.component, 60), " ", printable(one.version, 80)));
  }
  for (const MatchedImage& image : images) {
    // Nobody on the device knows the version of a baseline.
    if (image.source == ReferenceSource::Baseline) continue;
    if (std::ranges::find(running, image.component, &RunningComponent::component) != running.end()) continue;
    report.failed(Check::VersionsKnown, cat("a report of ", versions_of(images, image.component)), "none");
  }
  if (!report.has_failed(Check::VersionsKnown)) report.passed(Check::VersionsKnown, words_for(images));
}

std::int64_t floor_of(std::string_view component, const Expectations& expectations, const Policy& policy) {
  const auto by_policy = policy.floor.find(std::string(component));
  const auto recorded = expectations.recorded_floor.find(component);
  return std::max(by_policy == policy.floor.end() ? 0 : by_policy->second,
                  recorded == expectations.recorded_floor.end() ? 0 : recorded->second);
}

/// A vault's floor never falls: one that did was cleared away, or is another one.
void judge_told_floors(const Evidence& evidence, const Expectations& expectations, Report& report) {
  for (const auto& [component, recorded] : expectations.recorded_floor) {
    const auto runs = [&](const std::vector<RunningComponent>& said) {
      return std::ranges::find(said, component, &RunningComponent::component) != said.end();
    };
    if (!runs(evidence.running) && !runs(evidence.started)) continue;
    const auto told = std::ranges::find(evidence.floors, component, &ToldFloor::component);
    const bool is_told = told != evidence.floors.end();
    if (is_told && told->security_version >= recorded) continue;
    report.failed(Check::AboveFloor, cat("the floor of ", component, " in its vault at ", recorded, " or higher"),
                  is_told ? cat(told->security_version) : std::string("none"));
  }
}

void judge_floor(const Images& images, const Evidence& evidence, const Expectations& expectations, const Policy& policy,
                 Report& report) {
  for (const MatchedImage& image : images) {
    const auto told = std::ranges::find(evidence.floors, image.component, &ToldFloor::component);
    const std::int64_t floor = std::max(floor_of(image.component, expectations, policy),
                                        told == evidence.floors.end() ? 0 : told->security_version);
    if (image.security_version >= floor) continue;
    report.failed(Check::AboveFloor, cat(image.component, " of security version ", floor, " or later"),
                  cat(image.version, " of security version ", image.security_version));
  }
  if (!report.has_failed(Check::AboveFloor)) judge_told_floors(evidence, expectations, report);
  if (!report.has_failed(Check::AboveFloor)) report.passed(Check::AboveFloor, words_for(images));
}

bool is_withdrawn(const ImageName& image, const Expectations& expectations, const Policy& policy) {
  return std::ranges::find(policy.withdrawn, image) != policy.withdrawn.end() ||
         std::ranges::find(expectations.withdrawn, image) != expectations.withdrawn.end();
}

/// Also what leaves no trace in the log, and is only said to run.
void judge_withdrawn(const Images& images, const Evidence& evidence, const Expectations& expectations,
                     const Policy& policy, Report& report) {
  std::set<ImageName> there;
  for (const MatchedImage& image : images) there.insert({image.component, image.version});
  for (const auto* said : {&evidence.running, &evidence.started}) {
    for (const RunningComponent& one : *said) there.insert({std::string(one.component), std::string(one.version)});
  }
  for (const ImageName& image : there) {
    if (!is_withdrawn(image, expectations, policy)) continue;
    report.failed(Check::NotWithdrawn, cat("an image of ", image.component, " that is not withdrawn"),
                  cat(image.component, " ", image.version, ", which is"));
  }
}

}  // namespace

void judge_images(const Images& images, const Evidence& evidence, const Expectations& expectations,
                  const Policy& policy, Report& report) {
  judge_withdrawn(images, evidence, expectations, policy, report);
  if (images.empty()) {
    for (const Check check : {Check::VersionsKnown, Check::AboveFloor, Check::NotWithdrawn}) {
      if (!report.has_failed(check)) report.not_judged(check, "not judged: it is not known what was measured");
    }
    return;
  }
  judge_versions(images, evidence.running, report);
  judge_floor(images, evidence, expectations, policy, report);
  if (!report.has_failed(Check::NotWithdrawn)) report.passed(Check::NotWithdrawn, words_for(images));
}

}  // namespace holdfast::trust::appraisal
