#include "trust/appraisal/reference_set.h"

#include <doctest/doctest.h>

#include "attesting_device.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::string_view kWritten = R"({
  "component": "os", "version": "2.1.0", "security_version": 3,
  "events": [
    {"pcr": 4, "digest": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "description": "kernel"},
    {"pcr": 9, "digest": "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100", "description": ""}
  ]})";

Result<ReferenceSet> parse(std::string_view text) { return parse_reference_set(as_bytes(text)); }

/// kWritten with one piece of text replaced.
std::string with(std::string_view from, std::string_view to) {
  std::string text(kWritten);
  text.replace(text.find(from), from.size(), to);
  return text;
}

eventlog::Log parsed_log(const Boot& boot) { return *eventlog::parse(log_of(boot)); }

const Boot kBoot{{0, "crtm"}, {4, "rom"}, {4, "kernel"}, {4, "separator"}, {9, "initrd"}};

}  // namespace

TEST_CASE("a reference set is read and written back") {
  const auto set = parse(kWritten);
  REQUIRE(set);
  CHECK(set->component == "os");
  CHECK(set->security_version == 3);
  CHECK(set->source == ReferenceSource::Image);
  REQUIRE(set->events.size() == 2);
  CHECK(set->events[1].pcr == 9);
  CHECK(*reference_set_from(to_json(*set)) == *set);
}

TEST_CASE("a malformed reference set is refused") {
  CHECK_FALSE(parse(with("\"os\"", "\"OS\"")));
  CHECK_FALSE(parse(with("\"os\"", "\"\"")));
  CHECK_FALSE(parse(with("\"os\"", "\"-os\"")));
  CHECK_FALSE(parse(with("2.1.0", "2 1")));
  CHECK_FALSE(parse(with("\"pcr\": 4", "\"pcr\": 16")));
  CHECK_FALSE(parse(with("\"pcr\": 4", "\"pcr\": -1")));
  CHECK_FALSE(parse(with("0011", "")));
  CHECK_FALSE(parse(with("\"security_version\": 3", "\"security_version\": -3")));
  CHECK_FALSE(parse(with("\"component\"", "\"more\": 1, \"component\"")));
  CHECK_FALSE(parse(with("\"component\"", "\"source\": \"rumour\", \"component\"")));
  CHECK_FALSE(parse(R"({"component":"os","version":"1","security_version":1,"events":[]})"));
}

TEST_CASE("a golden device's log becomes a baseline of every event that extends") {
  const auto baseline = reference_set_from_log({"firmware", "golden-1"}, 2, parsed_log(kBoot));
  REQUIRE(baseline);
  CHECK(baseline->source == ReferenceSource::Baseline);
  CHECK(baseline->security_version == 2);
  REQUIRE(baseline->events.size() == kBoot.size());
  CHECK(baseline->events[0].digest == crypto::sha256(as_bytes("crtm")));
  CHECK(baseline->events[0].description == "EV_IPL crtm");
  CHECK(*reference_set_from(to_json(*baseline)) == *baseline);
}

TEST_CASE("a baseline leaves out what the images of the golden device explain, and PCRs that are not judged") {
  const ReferenceSet os = reference_set("os", "1", {{4, "kernel"}, {9, "initrd"}});
  const auto baseline = reference_set_from_log({"firmware", "1"}, 1, parsed_log(kBoot), 0xFFFF, {&os});
  REQUIRE(baseline);
  CHECK(baseline->events.size() == 3);
  CHECK(reference_set_from_log({"firmware", "1"}, 1, parsed_log(kBoot), 1u << 0, {&os})->events.size() == 1);
}

TEST_CASE("a baseline is not made from a log that its images do not fit, nor from nothing") {
  const ReferenceSet os = reference_set("os", "1", {{4, "separator"}, {4, "kernel"}});
  CHECK(reference_set_from_log({"firmware", "1"}, 1, parsed_log(kBoot), 0xFFFF, {&os}).error().reason ==
        kReferenceSetMalformed);
  CHECK_FALSE(reference_set_from_log({"firmware", "1"}, 1, parsed_log({})));
  CHECK_FALSE(reference_set_from_log({"Firmware", "1"}, 1, parsed_log(kBoot)));
}

}  // namespace holdfast::trust::appraisal
