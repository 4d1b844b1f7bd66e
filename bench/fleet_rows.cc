// What 256 devices at once cost the service: check-ins that are on disk before they are answered, and attestations.
#include <algorithm>
#include <cstdio>

#include "base/check.h"
#include "bench/fleet.h"
#include "bench/peers.h"
#include "bench/rows.h"
#include "linux/system/random.h"

namespace holdfast::bench {
namespace {

using linux::net::Client;

/// kAtOnce connections to nginx, each kept.
struct Visitors {
  explicit Visitors(Servers& servers) {
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      calls.push_back(servers.call(Servers::Which::Nginx));
      clients.push_back(std::make_unique<Client>(servers.clock(), linux::net::Timeouts{}));
    }
  }
  void visit(std::size_t number) {
    const auto answer = clients[number]->exchange(calls[number]);
    CHECK_INVARIANT(answer && answer->status == 200);
  }
  std::vector<linux::net::Call> calls;
  std::vector<std::unique_ptr<Client>> clients;
};

void must(const Result<void>& done) {
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  CHECK_INVARIANT(done);
}

/// From a power cycle to the certificates.
void attest(programs::swarm::Device& device, ports::Clock& clock) {
  const auto before = device.attested();
  device.reboot();
  while (device.attested() == before) {
    const auto next = device.step();
    CHECK_INVARIANT(next);
    if (*next > clock.now()) std::this_thread::sleep_for(std::min<Duration>(*next - clock.now(), Duration(50)));
  }
}

}  // namespace

Result<Comparison> durable_check_ins() {
  const auto fleet = TRY(Fleet::get());
  const auto visitors = std::make_shared<Visitors>(*fleet->servers());
  Comparison out;
  out.name = "check-in";
  out.what = "keep-alive check-in, durable, 256 at once";
  out.against = "nginx keep-alive, 256 at once";
  out.ratio_max = 3.0;
  out.subject = [fleet] { fleet->all([&](std::size_t number) { must(fleet->device(number).check_in_again()); }); };
  out.peer = [fleet, visitors] { fleet->all([&](std::size_t number) { visitors->visit(number); }); };
  out.cpu_ns = [fleet] { return fleet->servers()->cpu_ns(); };
  out.per_call = kAtOnce;
  return out;
}

Result<Comparison> attestations() {
  const auto fleet = TRY(Fleet::get());
  Comparison out;
  out.name = "attestation";
  out.what = "attestation, 256 at once";
  out.against = "its 5 verifies and 2 signatures";
  out.ratio_max = 1.6;
  out.subject = [fleet] {
    fleet->all([&](std::size_t number) { attest(fleet->device(number), fleet->servers()->clock()); });
  };
  // A quote, two certifies, two requests for certificates; two certificates.
  out.peer = [verify = p256_verify(), sign = p256_sign()] {
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      for (int verifies = 0; verifies < 5; ++verifies) verify();
      for (int signatures = 0; signatures < 2; ++signatures) sign();
    }
  };
  out.cpu_ns = [fleet, peer_ns = thread_cpu_ns] { return fleet->servers()->cpu_ns() + peer_ns(); };
  out.per_call = kAtOnce;
  return out;
}

}  // namespace holdfast::bench
