#include "trust/appraisal/explain.h"

#include <doctest/doctest.h>

#include "attesting_device.h"

namespace holdfast::trust::appraisal {
namespace {

const ReferenceSet kOs = reference_set("os", "2", {{4, "loader"}, {4, "kernel"}});

Appraisal tampered() {
  AttestingDevice device({{4, "loader"}, {4, "implant"}});
  device.running = {{"os\x1b[31m", "2"}};
  return appraise(device.evidence(), device.expectations({&kOs}), {});
}

}  // namespace

TEST_CASE("an explanation names the event, what was expected and what was seen, and its own limits") {
  const std::string text = explain(tampered());
  CHECK(text.starts_with("Verdict: update-only\n"));
  CHECK(text.find("failed  events-known → update-only, PCR 4, event 2\n") != std::string::npos);
  CHECK(text.find("expected: os 2 'kernel' with SHA-256 ") != std::string::npos);
  CHECK(text.find("saw: event 2 EV_IPL implant with SHA-256 ") != std::string::npos);
  CHECK(text.find("passed  nonce-fresh") != std::string::npos);
  CHECK(text.ends_with("A quote says what started, not what has happened since.\n"));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("failed") < text.find("passed"));
}

TEST_CASE("an appraisal is stored and read back") {
  Appraisal appraisal = tampered();
  const auto again = appraisal_from(*json::parse(as_bytes(json::dump(to_json(appraisal)))));
  REQUIRE(again);
  CHECK(again->verdict == appraisal.verdict);
  CHECK(again->findings == appraisal.findings);
  CHECK(again->images == appraisal.images);
  CHECK(explain(*again) == explain(appraisal));
}

TEST_CASE("a damaged record is not taken for an appraisal") {
  for (const char* text : {"{}", R"({"verdict":"fine","findings":[],"images":[]})",
                           R"({"verdict":"healthy","findings":[{"check":"nonce-fresh"}],"images":[]})",
                           R"({"verdict":"healthy","findings":[],"images":[{"component":"os"}]})"}) {
    CHECK_FALSE(appraisal_from(*json::parse(as_bytes(text))));
  }
}

}  // namespace holdfast::trust::appraisal
