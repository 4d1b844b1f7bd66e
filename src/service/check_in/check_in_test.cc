#include "service/check_in/check_in.h"

#include "fails_with.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/device.h"
#include "service/claim/owner_documents.h"
#include "soft_device.h"
#include "trust/update/time_statement.h"

namespace holdfast::service::check_in {
namespace {

using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

struct World : ServiceWorld {
  World() { device.join(); }

  Result<wire::CheckInResult> tell(const wire::CheckInRequest& request, std::string_view who = {}) {
    const DeviceCaller caller{std::string(kAcme), who.empty() ? device.id() : std::string(who),
                              ports::CertificateKind::Client};
    return check_in(request, caller, deps(), now());
  }
  /// Checks in with this head and says whether that was an alarm.
  bool alarms(std::int64_t sequence, const Digest256& hash) {
    const auto before = audited().size();
    REQUIRE(tell({.boot_count = 1, .running = {}, .trust_policy = 1, .audit_head = wire::AuditHead{sequence, hash}}));
    const auto entries = audited(kAcme, before);
    if (entries.empty()) return false;
    CHECK(entries == std::vector<std::string>{"audit.fork-seen"});
    return rows<ports::AuditRow>(kAcme).back().subject == device.id();
  }

  SoftDevice device{*this, "a"};
};

}  // namespace

TEST_CASE("a device that saw a head which is no longer in the chain is an alarm in that chain") {
  World world;
  const auto first = world.tell({});
  REQUIRE(first);
  REQUIRE(first->audit_head);
  const auto [sequence, hash] = *first->audit_head;
  CHECK_FALSE(world.alarms(sequence, hash));
  Digest256 other = hash;
  other.back() ^= 1;
  CHECK(world.alarms(sequence, other));       // changed, or rebuilt
  CHECK(world.alarms(sequence + 100, hash));  // cut off
  CHECK(world.alarms(0, other));
  CHECK_FALSE(world.alarms(0, {}));
  CHECK_FALSE(world.alarms(sequence, hash));  // the chain has grown and still passes there
}

TEST_CASE("a device that says the same fork at each check-in, or ever another one, does not fill the chain") {
  World world;
  const auto told = world.tell({});
  REQUIRE(told);
  Digest256 forged = told->audit_head->hash;
  const auto alarms = [&](std::uint8_t first) {
    forged.front() = first;
    return world.alarms(1, forged);
  };
  CHECK(alarms(1));
  CHECK_FALSE(alarms(1));
  world.pass(hours(1));
  CHECK(alarms(2));
  CHECK(alarms(3));
  CHECK_FALSE(alarms(4));
  world.pass(days(1));
  CHECK_FALSE(alarms(1));  // entered once, and there to be read
  std::uint8_t next = 5;
  for (int day = 0; day < 5; ++day) {
    for (std::size_t i = 0; i < kForksEnteredPerDay; ++i) CHECK(alarms(next++));
    CHECK_FALSE(alarms(next++));
    world.pass(days(1));
  }
  CHECK(world.rows<ports::ForkReportRow>(kAcme).size() == kForksRemembered);
}

TEST_CASE("one device's reports of forks leave room for another's") {
  World world;
  SoftDevice other(world, "b");
  other.join();
  for (std::uint8_t i = 1; i < 10; ++i) world.alarms(1, {i});
  const auto before = world.audited().size();
  REQUIRE(world.tell({.boot_count = 1, .running = {}, .trust_policy = 1, .audit_head = wire::AuditHead{1, {9}}},
                     other.id()));
  CHECK(world.audited(kAcme, before) == std::vector<std::string>{"audit.fork-seen"});
}

TEST_CASE("a check-in without a head, and the first of all, is no alarm") {
  World world;
  const auto entries = world.audited();
  REQUIRE(world.tell({}));
  CHECK(world.audited() == entries);
}

TEST_CASE("a device that booted since its appraisal is told to attest, and to stop asking once it has") {
  World world;
  CHECK(world.tell({.boot_count = 1, .running = {}, .trust_policy = 0, .audit_head = {}})->attest_now);
  REQUIRE(world.device.attest());
  CHECK_FALSE(world.tell({.boot_count = 1, .running = {}, .trust_policy = 0, .audit_head = {}})->attest_now);
  CHECK(world.tell({.boot_count = 2, .running = {}, .trust_policy = 0, .audit_head = {}})->attest_now);
  CHECK(world.device.row().boot_count == 1);  // what it says is not what it showed
}

TEST_CASE("a check-in leaves when it was and what runs, and learns of the newest trust policy") {
  World world;
  world.pass(minutes(7));
  const auto told = world.tell({.boot_count = 1, .running = {{"os", "2.0", 3}}, .trust_policy = 1, .audit_head = {}});
  REQUIRE(told);
  CHECK(told->trust_policy == 1);
  CHECK(told->check_in_again == world.deps().settings.check_in_every);
  CHECK(world.device.row().last_seen_at == world.now());
  CHECK(world.device.row().running.find("2.0") != std::string::npos);
  REQUIRE(world.owner().trust_makers(world.deps(), {}, world.now()));
  CHECK(world.tell({})->trust_policy == 2);
}

TEST_CASE(
    "a device that asks is told the time over its nonce by the director that the trust policy names, else nothing") {
  World world;
  wire::CheckInRequest request;
  request.time_nonce = ByteArray<wire::kTimeNonceBytes>{7};
  CHECK_FALSE(world.tell(request)->time);
  REQUIRE(world.owner().appoint_director(world.deps(), world.now()));
  CHECK_FALSE(world.tell({})->time);
  const auto told = world.tell(request);
  REQUIRE(told);
  REQUIRE(told->time);
  std::optional<trust::Verified<trust::tuf::TrustPolicy>> policy;
  world.read([&](ports::Transaction& tx) -> Result<void> {
    policy = TRY(claim::current_trust_policy(tx, kAcme));
    return {};
  });
  const auto time = trust::update::verify_time_statement(*told->time, *policy, world.device.id(), *request.time_nonce);
  REQUIRE(time);
  CHECK((*time)->time <= world.now());
  CHECK(world.now() - (*time)->time < seconds(1));
}

TEST_CASE("a device that is not enrolled is refused, whatever its certificate says") {
  World world;
  CHECK(fails_with(world.tell({}, "hf-0000-0000-0000-0000"), Next::Denied));
}

}  // namespace holdfast::service::check_in
