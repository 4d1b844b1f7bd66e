#include "trust/appraisal/match.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "attesting_device.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::uint32_t kAllPcrs = 0xFFFF;

const Boot kFirmwareEvents{{0, "crtm"}, {4, "option rom"}, {4, "separator"}, {7, "secure boot"}, {7, "separator"}};
const Boot kOsEvents{{4, "loader 2"}, {4, "kernel 2"}, {8, "command line"}, {9, "initrd 2"}};
const Boot kOldOsEvents{{4, "loader 2"}, {4, "kernel 1"}, {8, "command line"}, {9, "initrd 1"}};
/// As the machine boots: firmware and OS interleave in PCR 4.
const Boot kBoot{{0, "crtm"},     {7, "secure boot"}, {4, "option rom"}, {7, "separator"},   {4, "separator"},
                 {4, "loader 2"}, {4, "kernel 2"},    {9, "initrd 2"},   {8, "command line"}};

const ReferenceSet kFirmware = reference_set("firmware", "1.0", kFirmwareEvents);
const ReferenceSet kOs = reference_set("os", "2", kOsEvents);
const ReferenceSet kOldOs = reference_set("os", "1", kOldOsEvents);

Components made_of(const std::vector<const ReferenceSet*>& allowed, const Policy& policy,
                   const std::vector<std::string_view>& optional = {}) {
  Expectations expectations;
  expectations.allowed = allowed;
  expectations.optional = optional;
  return components_of(expectations, policy);
}

Match matched(const Boot& boot, const std::vector<const ReferenceSet*>& allowed, const Policy& policy = {}) {
  const auto log = eventlog::parse(log_of(boot));
  REQUIRE(log);
  const Components components = made_of(allowed, policy);
  CHECK(components.shortfalls.empty());
  return match_log(*log, components.list, policy.pcrs);
}

std::vector<std::string> names_of(const Match& match) {
  std::vector<std::string> out;
  out.reserve(match.sets.size());
  for (const ReferenceSet* set : match.sets) out.push_back(set->component + " " + set->version);
  return out;
}

std::vector<const ReferenceSet*> pointers_to(const std::vector<ReferenceSet>& sets) {
  std::vector<const ReferenceSet*> out(sets.size());
  std::ranges::transform(sets, out.begin(), [](const ReferenceSet& set) { return &set; });
  return out;
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Index of the measurement in the log, whose header is event 0.
std::size_t event_index(std::size_t place_in_boot) { return place_in_boot + 1; }

}  // namespace

TEST_CASE("a boot of one firmware and one OS, interleaved, is known") {
  const Match match = matched(kBoot, {&kFirmware, &kOs, &kOldOs});
  CHECK(match.differences.empty());
  CHECK(match.events == kBoot.size());
  CHECK(names_of(match) == std::vector<std::string>{"firmware 1.0", "os 2"});
}

TEST_CASE("versions that begin alike are told apart where they part") {
  Boot old = kBoot;
  old[6].text = "kernel 1";
  old[7].text = "initrd 1";
  CHECK(names_of(matched(old, {&kFirmware, &kOs, &kOldOs})) == std::vector<std::string>{"firmware 1.0", "os 1"});
}

TEST_CASE("two versions do not mix across PCRs") {
  Boot mixed = kBoot;
  mixed[7].text = "initrd 1";
  const Match match = matched(mixed, {&kFirmware, &kOs, &kOldOs});
  REQUIRE(match.differences.size() == 1);
  CHECK(match.differences[0].pcr == 9u);
  CHECK(match.differences[0].event_index == event_index(7));
  CHECK(says(match.differences[0].expected, "os 2 'initrd 2'"));
  CHECK(says(match.differences[0].seen, "EV_IPL initrd 1"));
  CHECK(says(match.differences[0].seen, "which is os 1 'initrd 1'"));
  CHECK(match.sets.empty());
}

TEST_CASE("every changed event is named, with what should stand there") {
  for (std::size_t i = 0; i < kBoot.size(); ++i) {
    CAPTURE(kBoot[i].text);
    Boot changed = kBoot;
    changed[i].text = "implant";
    const Match match = matched(changed, {&kFirmware, &kOs, &kOldOs});
    REQUIRE(match.differences.size() == 1);
    const Difference& one = match.differences[0];
    CHECK(one.pcr == unsigned{kBoot[i].pcr});
    CHECK(one.event_index == event_index(i));
    CHECK(says(one.expected, "'" + kBoot[i].text + "'"));
    CHECK(says(one.seen, "EV_IPL implant"));
  }
}

TEST_CASE("every dropped event is named, with what came instead") {
  for (std::size_t i = 0; i < kBoot.size(); ++i) {
    CAPTURE(kBoot[i].text);
    Boot cut = kBoot;
    cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(i));
    const Match match = matched(cut, {&kFirmware, &kOs, &kOldOs});
    REQUIRE(match.differences.size() == 1);
    CHECK(match.differences[0].pcr == unsigned{kBoot[i].pcr});
    CHECK(says(match.differences[0].expected, "'" + kBoot[i].text + "'"));
    CHECK(says(match.differences[0].seen, "no such event before"));
  }
}

TEST_CASE("every doubled event is named") {
  for (std::size_t i = 0; i < kBoot.size(); ++i) {
    CAPTURE(kBoot[i].text);
    Boot doubled = kBoot;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), kBoot[i]);
    const Match match = matched(doubled, {&kFirmware, &kOs, &kOldOs});
    REQUIRE(match.differences.size() == 1);
    CHECK(match.differences[0].pcr == unsigned{kBoot[i].pcr});
    CHECK(
        (match.differences[0].event_index == event_index(i) || match.differences[0].event_index == event_index(i + 1)));
    CHECK(says(match.differences[0].seen, "EV_IPL " + kBoot[i].text));
    CHECK(says(match.differences[0].seen, "again"));
  }
}

TEST_CASE("swapped events are named, both of them") {
  Boot swapped = kBoot;
  std::swap(swapped[5], swapped[6]);  // loader and kernel, both of the OS in PCR 4
  const Match match = matched(swapped, {&kFirmware, &kOs});
  REQUIRE(match.differences.size() == 1);
  CHECK(says(match.differences[0].expected, "'loader 2'"));
  CHECK(says(match.differences[0].expected, "before os 2 'kernel 2'"));
  CHECK(says(match.differences[0].seen, "out of place"));
  CHECK(match.differences[0].event_index == event_index(6));
}

TEST_CASE("events of different components may come in any order, those of one may not") {
  Boot other = kBoot;
  std::swap(other[4], other[5]);  // firmware's separator and the OS's loader
  CHECK(matched(other, {&kFirmware, &kOs}).differences.empty());
}

TEST_CASE("an added event is named") {
  Boot more = kBoot;
  more.insert(more.begin() + 5, {4, "implant"});
  const Match match = matched(more, {&kFirmware, &kOs});
  REQUIRE(match.differences.size() == 1);
  CHECK(match.differences[0].event_index == event_index(5));
  CHECK(says(match.differences[0].seen, "implant"));
}

TEST_CASE("an event moved to another PCR is missed in the one and unknown in the other") {
  Boot moved = kBoot;
  moved[6].pcr = 5;
  const Match match = matched(moved, {&kFirmware, &kOs});
  REQUIRE(match.differences.size() == 2);
  CHECK(match.differences[0].pcr == 4u);
  CHECK(says(match.differences[0].expected, "'kernel 2'"));
  CHECK(match.differences[1].pcr == 5u);
  CHECK(says(match.differences[1].seen, "kernel 2"));
}

TEST_CASE("several tampered PCRs are all told") {
  Boot changed = kBoot;
  changed[0].text = "evil crtm";
  changed[8].text = "init=/bin/sh";
  changed[6].text = "evil kernel";
  CHECK(matched(changed, {&kFirmware, &kOs, &kOldOs}).differences.size() == 3);
}

TEST_CASE("events in PCRs that are not judged do not matter") {
  Boot more = kBoot;
  more.push_back({10, "a file that was opened"});
  CHECK(matched(more, {&kFirmware, &kOs}).differences.size() == 1);
  Policy policy;
  policy.pcrs = kAllPcrs & ~(1u << 10);
  CHECK(matched(more, {&kFirmware, &kOs}, policy).differences.empty());
}

TEST_CASE("a component may be absent where the policy says so, and nowhere else") {
  const ReferenceSet app = reference_set("app", "7", {{12, "app 7"}, {12, "settings"}});
  const Match missing = matched(kBoot, {&kFirmware, &kOs, &app});
  REQUIRE(missing.differences.size() == 2);
  CHECK(says(missing.differences[0].expected, "app 7 'app 7'"));
  CHECK(says(missing.differences[0].seen, "before the end of PCR 12"));
  Policy policy;
  policy.optional = {"app"};
  CHECK(matched(kBoot, {&kFirmware, &kOs, &app}, policy).differences.empty());
  Boot with_app = kBoot;
  with_app.push_back({12, "app 7"});
  const Match half = matched(with_app, {&kFirmware, &kOs, &app}, policy);
  REQUIRE(half.differences.size() == 1);
  with_app.push_back({12, "settings"});
  CHECK(names_of(matched(with_app, {&kFirmware, &kOs, &app}, policy)).size() == 3);
}

TEST_CASE("two components that begin with the same event are both kept in mind") {
  const ReferenceSet one = reference_set("one", "1", {{4, "same"}, {4, "first"}});
  const ReferenceSet two = reference_set("two", "1", {{4, "same"}, {4, "second"}});
  CHECK(matched({{4, "same"}, {4, "second"}, {4, "same"}, {4, "first"}}, {&one, &two}).differences.empty());
  CHECK(matched({{4, "same"}, {4, "same"}, {4, "first"}, {4, "second"}}, {&one, &two}).differences.empty());
  CHECK_FALSE(matched({{4, "same"}, {4, "first"}, {4, "second"}}, {&one, &two}).differences.empty());
}

TEST_CASE("versions that measure alike are all reported") {
  ReferenceSet twin = kOs;
  twin.version = "2-rebuilt";
  CHECK(names_of(matched(kBoot, {&kFirmware, &kOs, &twin})).size() == 3);
}

TEST_CASE("a set that leaves no trace in the judged PCRs is not taken for running") {
  const ReferenceSet untraced = reference_set("ghost", "1", {{15, "elsewhere"}});
  Policy policy;
  policy.pcrs = 0x00FF;
  CHECK(made_of({&untraced}, policy).shortfalls.size() == 1);
  policy.optional = {"ghost"};
  CHECK(made_of({&untraced}, policy).shortfalls.empty());
}

TEST_CASE("a component that is on its way may be absent, unless the policy requires it") {
  const auto may_be_absent = [](const Policy& policy, const std::vector<std::string_view>& optional) {
    const auto components = made_of({&kFirmware, &kOs}, policy, optional);
    return components.list.back().alternatives.back().set == nullptr;
  };
  CHECK_FALSE(may_be_absent({}, {}));
  CHECK_FALSE(may_be_absent({}, {"firmware"}));
  CHECK(may_be_absent({}, {"os"}));
  Policy policy;
  policy.required = {"os"};
  CHECK_FALSE(may_be_absent(policy, {"os"}));
}

TEST_CASE("a required component without reference values is a shortfall") {
  Policy policy;
  policy.required = {"os"};
  CHECK(made_of({&kFirmware}, policy).shortfalls.size() == 1);
  CHECK(made_of({&kFirmware, &kOs}, policy).shortfalls.empty());
}

TEST_CASE("more versions or components than the limits are a shortfall, not forgotten") {
  std::vector<ReferenceSet> sets;
  for (std::size_t i = 0; i <= kAlternativesMax; ++i) sets.push_back(reference_set("os", std::to_string(i), kOsEvents));
  for (std::size_t i = 0; i <= kComponentsMax; ++i) {
    sets.push_back(reference_set("c" + std::to_string(i), "1", kOsEvents));
  }
  const std::vector<const ReferenceSet*> allowed = pointers_to(sets);
  CHECK(made_of(allowed, {}).shortfalls.size() == 3);  // a version, and two components beside `os`
}

TEST_CASE("a log that reads in more ways than are kept is not trusted for that") {
  std::vector<ReferenceSet> sets;
  Boot boot;
  for (int i = 0; i < 12; ++i) {
    const Boot events{{4, "same"}, {4, "same"}, {4, "same"}, {4, "end " + std::to_string(i)}};
    boot.insert(boot.begin(), events.begin(), events.end() - 1);
    boot.push_back(events.back());
    sets.push_back(reference_set("c" + std::to_string(i), "1", events));
  }
  const std::vector<const ReferenceSet*> allowed = pointers_to(sets);
  boot.erase(boot.begin());
  CHECK_FALSE(matched(boot, allowed).differences.empty());
}

TEST_CASE("what nobody could read through is told in part, and counted") {
  Boot noise;
  for (int i = 0; i < 4000; ++i) noise.push_back({4, "noise " + std::to_string(i)});
  const Match match = matched(noise, {&kFirmware, &kOs});
  CHECK(match.differences.size() == kDifferencesMax);
  CHECK(match.differences.size() + match.unlisted >= noise.size());
}

TEST_CASE("PCR values alone are covered by exactly the sequences of the reference sets") {
  const auto values = [](const Boot& boot) { return pcrs_after(log_of(boot)); };
  const auto components = made_of({&kFirmware, &kOs, &kOldOs}, {});
  CHECK(match_values(values(kBoot), components.list, kAllPcrs).empty());
  Boot changed = kBoot;
  changed[8].text = "init=/bin/sh";
  const auto differences = match_values(values(changed), components.list, kAllPcrs);
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].pcr == 8u);
  CHECK(match_values(values(changed), components.list, kAllPcrs & ~(1u << 8)).empty());
}

}  // namespace holdfast::trust::appraisal
