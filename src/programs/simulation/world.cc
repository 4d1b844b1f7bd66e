#include "programs/simulation/world.h"

namespace holdfast::programs::simulation {
namespace {
/// 2026-11-23T00:00:00Z.
constexpr WallTime kStart = WallTime::from_seconds(1'795'392'000);
}  // namespace

World::World(std::uint64_t seed)
    : random_(seed), clock_(kStart), host_(random_.fork("service"), clock_), owner_(random_.fork("owner")) {}

Result<void> World::found() {
  TRY(owner_.found_catalog(host_.deps(), clock_.wall_time()));
  TRY(owner_.subscribe(host_.deps(), clock_.wall_time()));
  return owner_.allow(host_.deps(), Machine::reference_values(), clock_.wall_time());
}

Result<std::unique_ptr<Machine>> World::new_machine(std::string_view name, const std::optional<FirstImages>& first) {
  auto machine = std::make_unique<Machine>(host_, clock_, random_.fork(name), first);
  TRY(owner_.expect_key(host_.deps(), machine->endorsement_sha256(), clock_.wall_time()));
  machine->give_ticket(TRY(owner_.ticket(host_.deps(), {}, clock_.wall_time())));
  return machine;
}

bool is_settled(const Machine& machine) {
  const auto& attested = machine.agent().records().get<device::record::Attested>();
  return machine.agent().has_checked_in() && attested && attested->result.verdict == "healthy";
}

}  // namespace holdfast::programs::simulation
