// What a device costs that is connected and says nothing.
#include <sys/resource.h>

#include <thread>

#include "base/text.h"
#include "bench/rows.h"
#include "bench/servers.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kIdle = 5'000;
constexpr std::chrono::seconds kSettle(2);

/// Both ends of the connections are on this machine, each in a process of its own.
Result<void> allow_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (limit.rlim_max > kIdle + 1'000 && ::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return fail(Next::Exhausted, kServerUnstarted,
              cat("expected to be allowed ", kIdle, " descriptors, saw ", static_cast<std::uint64_t>(limit.rlim_max)));
}

}  // namespace

Result<Figure> idle_connections() {
  TRY(allow_descriptors());
  const auto servers = TRY(Servers::get());
  const std::int64_t before = servers->resident_bytes();
  std::vector<std::unique_ptr<linux::net::Client>> clients;
  for (std::size_t i = 0; i < kIdle; ++i) {
    clients.push_back(std::make_unique<linux::net::Client>(servers->clock(), linux::net::Timeouts{}));
    const auto answer = TRY(clients.back()->exchange(servers->call(Servers::Which::Holdfastd)));
    if (answer.status != 200) return fail(Next::Rejected, kServerUnstarted, cat("saw status ", answer.status));
  }
  std::this_thread::sleep_for(kSettle);
  const auto grown = static_cast<double>(servers->resident_bytes() - before);
  return Figure{
      .what = "idle mutual-TLS connection, of 5,000", .unit = "KiB", .value = grown / 1024 / kIdle, .bound = 24};
}

}  // namespace holdfast::bench
