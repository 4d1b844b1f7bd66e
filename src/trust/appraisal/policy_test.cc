#include "trust/appraisal/policy.h"

#include <doctest/doctest.h>

namespace holdfast::trust::appraisal {
namespace {

Result<Policy> parse(std::string_view text) { return parse_policy(as_bytes(text)); }

Reason refusal(std::string_view text) {
  const auto policy = parse(text);
  REQUIRE_FALSE(policy);
  return policy.error().reason;
}

}  // namespace

TEST_CASE("a policy that says nothing is the strict default") {
  const auto policy = parse(R"({"version": 1})");
  REQUIRE(policy);
  CHECK(*policy == Policy{});
  CHECK(policy->pcrs == 0xFFFF);
  CHECK(policy->client_life == hours(24));
  CHECK(policy->update_life == days(7));
  CHECK(policy->quarantine_life == hours(1));
  CHECK(policy->when_it_fails(Check::EventsKnown) == Verdict::UpdateOnly);
}

TEST_CASE("a full policy is read and written back") {
  const auto policy = parse(R"({
    "version": 12, "pcrs": [0, 4, 7, 9], "required": ["os", "firmware"], "optional": ["app"],
    "floor": {"os": 3}, "withdrawn": [{"component": "os", "version": "2"}, {"component": "os", "version": "1"}],
    "client_life": "7d", "long_life_exception": "ships at sea", "update_life": "24h", "quarantine_life": "30min",
    "harsher": {"events-known": "refused", "clock-forward": "refused"}})");
  REQUIRE(policy);
  CHECK(policy->pcrs == ((1u << 0) | (1u << 4) | (1u << 7) | (1u << 9)));
  CHECK(policy->required == std::vector<std::string>{"firmware", "os"});
  CHECK(policy->withdrawn.front() == ImageName{"os", "1"});
  CHECK(policy->client_life == days(7));
  CHECK(policy->when_it_fails(Check::EventsKnown) == Verdict::Refused);
  CHECK(policy->when_it_fails(Check::LogParses) == Verdict::UpdateOnly);
  CHECK(*policy_from(to_json(*policy)) == *policy);
}

TEST_CASE("a policy cannot make a check milder") {
  CHECK(refusal(R"({"version":1,"harsher":{"nonce-fresh":"healthy"}})") == kPolicyMilder);
  CHECK(refusal(R"({"version":1,"harsher":{"quote-digest":"quarantined"}})") == kPolicyMilder);
  CHECK(refusal(R"({"version":1,"harsher":{"events-known":"healthy"}})") == kPolicyMilder);
  Policy built_by_hand;
  built_by_hand.harsher[Check::NonceFresh] = Verdict::Healthy;
  CHECK(built_by_hand.when_it_fails(Check::NonceFresh) == Verdict::Refused);
}

TEST_CASE("a client certificate lives 10 minutes to 30 days, and over 24 hours only for a named reason") {
  CHECK(refusal(R"({"version":1,"client_life":"9min"})") == kPolicyLifeWrong);
  CHECK(parse(R"({"version":1,"client_life":"10min"})"));
  CHECK(refusal(R"({"version":1,"client_life":"25h"})") == kPolicyLifeWrong);
  CHECK(refusal(R"({"version":1,"client_life":"25h","long_life_exception":"  "})") == kPolicyLifeWrong);
  CHECK(parse(R"({"version":1,"client_life":"30d","long_life_exception":"lighthouse"})"));
  CHECK(refusal(R"({"version":1,"client_life":"31d","long_life_exception":"lighthouse"})") == kPolicyLifeWrong);
  CHECK(refusal(R"({"version":1,"client_life":"1h","long_life_exception":"lighthouse"})") == kPolicyLifeWrong);
  CHECK(refusal(R"({"version":1,"update_life":"8d"})") == kPolicyLifeWrong);
  CHECK(refusal(R"({"version":1,"quarantine_life":"2h"})") == kPolicyLifeWrong);
}

TEST_CASE("a malformed policy is refused") {
  for (const char* text :
       {"", "[]", "{}", R"({"version":0})", R"({"version":1,"pcrs":[]})", R"({"version":1,"pcrs":[16]})",
        R"({"version":1,"pcrs":["0"]})", R"({"version":1,"required":["OS"]})",
        R"({"version":1,"required":["os","os"]})", R"({"version":1,"required":["os"],"optional":["os"]})",
        R"({"version":1,"floor":{"os":"3"}})", R"({"version":1,"floor":[]})",
        R"({"version":1,"withdrawn":[{"component":"os"}]})", R"({"version":1,"client_life":24})",
        R"({"version":1,"harsher":{"no-such-check":"refused"}})", R"({"version":1,"harsher":{"events-known":"worse"}})",
        R"({"version":1,"milder":{}})"}) {
    CAPTURE(text);
    CHECK_FALSE(parse(text));
  }
}

}  // namespace holdfast::trust::appraisal
