#include "trust/update/withdrawal.h"

#include <doctest/doctest.h>

#include "fails_with.h"

namespace holdfast::trust::update {
namespace {

Withdrawal withdrawal() {
  Withdrawal out{"door", "1.0", 14, {}, WallTime::from_seconds(1'800'000'000), "opens at night"};
  out.sha256.fill(7);
  return out;
}

TEST_CASE("a withdrawal is read back as it was written, from the path where it is") {
  const auto custom = to_json(withdrawal());
  REQUIRE(custom);
  CHECK(*withdrawal_from("door/1.0/withdrawn", *custom) == withdrawal());
  CHECK(fails_with(withdrawal_from("door/1.0/image", *custom), kWithdrawalMalformed));
}

TEST_CASE("no member that is added later takes a withdrawal back") {
  json::Value custom = *to_json(withdrawal());
  custom.set("void", true);
  CHECK(withdrawal_from("door/1.0/withdrawn", custom));
}

TEST_CASE("a withdrawal without the digest of what it withdraws is not written") {
  Withdrawal wordy = withdrawal();
  wordy.reason = std::string(kWithdrawalReasonBytesMax + 1, 'a');
  CHECK_FALSE(to_json(wordy));
  CHECK_FALSE(withdrawal_from("door/1.0/withdrawn", json::Object{{"length", 14}, {"reason", "x"}}));
}

TEST_CASE("only the path of a version's withdrawal is one") {
  CHECK(withdrawn_at("door/1.0/withdrawn")->component == "door");
  CHECK(withdrawn_at(withdrawal_path("door", "1.0"))->version == "1.0");
  for (const char* path : {"door/withdrawn", "door/1.0/2/withdrawn", "door/1.0/withdrawn/", "withdrawn", ""}) {
    CHECK_FALSE(withdrawn_at(path));
  }
}

}  // namespace
}  // namespace holdfast::trust::update
