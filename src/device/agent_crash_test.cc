#include <doctest/doctest.h>

#include "device/agent.h"
#include "device_bench.h"

using namespace holdfast;
using sim::fault::Cut;
using sim::fault::PowerCut;
using tests::DeviceBench;

namespace {

/// Claims a device while the power is cut by this schedule; returns how many calls it took.
std::int64_t claim_through(const std::vector<PowerCut>& cuts) {
  DeviceBench bench;
  REQUIRE(bench.disk.write(device::record::Ticket::kName, bench.service.ticket()));
  bench.faults.schedule(cuts);
  bool is_checked_in = false;
  for (std::size_t boots = 0; !is_checked_in && boots <= cuts.size(); ++boots) {
    is_checked_in = bench.run_until_checked_in();
    if (bench.faults.crashed()) bench.reboot();
  }
  CHECK_MESSAGE(is_checked_in, bench.faults.cut_at());
  CHECK_MESSAGE(bench.service.devices().size() == 1, bench.faults.cut_at());
  CHECK_MESSAGE(bench.service.enrolments() == 1, bench.faults.cut_at());
  CHECK_MESSAGE(!bench.disk.records().contains("claim-ticket"), bench.faults.cut_at());
  CHECK_MESSAGE(!bench.disk.records().contains("trouble"), bench.faults.cut_at());
  return bench.faults.calls();
}

}  // namespace

TEST_CASE("a power cut before or after any call of claim, enrolment, attestation and check-in costs nothing") {
  const std::int64_t calls = claim_through({});
  MESSAGE("calls: ", calls);
  for (std::int64_t call = 0; call < calls; ++call) {
    for (const Cut when : {Cut::Before, Cut::After}) claim_through({{call, when}});
  }
}

TEST_CASE("nor does a second cut anywhere near the first") {
  constexpr std::int64_t kApartMax = 12;
  const std::int64_t calls = claim_through({});
  for (std::int64_t first = 0; first < calls; first += 3) {
    for (std::int64_t apart = 1; apart <= kApartMax; apart += 4) {
      claim_through({{first, Cut::After}, {first + apart, Cut::After}});
      claim_through({{first, Cut::Before}, {first + apart, Cut::After}});
    }
  }
}

TEST_CASE("a copied disk gives up what it copied, whatever power cuts it meets") {
  DeviceBench original;
  REQUIRE(original.agent().offer_ticket(original.service.ticket()));
  REQUIRE(original.run_until_checked_in());
  for (std::int64_t call = 0; call < 40; ++call) {
    for (const Cut when : {Cut::Before, Cut::After}) {
      DeviceBench copy(2);
      copy.disk = original.disk;
      copy.net.on("POST", "/v1/enroll", sim::net::always(403, as_bytes("{\"title\":\"ticket-needed\"}")));
      copy.restart_agent();
      copy.faults.schedule({{call, when}});
      for (int boots = 0; boots < 2; ++boots) {
        for (int steps = 0; steps < 20 && copy.step(); ++steps) {
        }
        if (copy.faults.crashed()) copy.reboot();
      }
      CHECK_MESSAGE(!copy.disk.records().contains("identity"), copy.faults.cut_at());
      CHECK_MESSAGE(!copy.disk.records().contains("attested"), copy.faults.cut_at());
      CHECK_MESSAGE(copy.trouble().activity == "enroll", copy.faults.cut_at());
      CHECK(copy.service.devices().empty());
    }
  }
}
