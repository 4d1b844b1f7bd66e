#include "linux/http/server.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "linux/http/listen.h"
#include "linux/http/worker.h"

namespace holdfast::linux::http {
namespace {

/// For what else a process keeps open: databases, files, the loops themselves.
constexpr std::size_t kDescriptorsElsewhere = 256;

unsigned thread_count(unsigned wished) {
  const unsigned count = wished != 0 ? wished : std::max(std::thread::hardware_concurrency(), 1U);
  return std::min(count, kThreadsMax);
}

Limits fit_to_descriptors(Limits limits) {
  const std::size_t allowed = descriptors_max();
  const std::size_t left = allowed > 2 * kDescriptorsElsewhere ? allowed - kDescriptorsElsewhere : allowed / 2;
  limits.connections_max = std::min(limits.connections_max, left);
  return limits;
}

}  // namespace

struct Server::Held {
  std::unique_ptr<Serving> serving;
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;

  Result<void> open(const system::Descriptor& listener, unsigned count);
};

/// Loops and threads report what they lack by exceptions.
Result<void> Server::Held::open(const system::Descriptor& listener, unsigned count) try {
  for (unsigned i = 0; i < count; ++i) {
    const int own = ::dup(listener.number());
    if (own < 0) return fail(Next::Exhausted, kHttpAddressUnusable, "expected a free descriptor, saw none");
    workers.push_back(std::make_unique<Worker>(*serving, own));
  }
  for (const auto& worker : workers) threads.emplace_back([this, &worker = *worker] { worker.run(workers); });
  return {};
} catch (const std::system_error& error) {
  return fail(Next::Exhausted, kHttpAddressUnusable, cat("expected a thread with its loop, saw: ", error.what()));
}

Result<std::unique_ptr<Server>> Server::start(const ListenerOptions& options, ports::Clock& clock, Handler handler,
                                              Flush flush) {
  CHECK_INVARIANT(handler != nullptr);
  auto tls = TRY(tls::Acceptor::make(options.identity, options.tls, clock));
  const system::Descriptor listener = TRY(listen_on(options.address, options.port));
  const unsigned threads = thread_count(options.threads);
  auto held = std::make_unique<Held>();
  held->port = port_of(listener);
  held->serving.reset(
      new Serving{.limits = fit_to_descriptors(options.limits),
                  .tls = std::move(tls),
                  .clock = clock,
                  .handler = std::move(handler),
                  .flush = std::move(flush),
                  .proxies = options.proxies,
                  .refused = options.refused,
                  .handshakes_per_worker_max = std::max<std::size_t>(options.limits.handshakes_max / threads, 1),
                  .bodies_per_worker_max = std::max<std::size_t>(options.limits.bodies_max / threads, 1)});
  std::unique_ptr<Server> server(new Server(std::move(held)));
  TRY(server->held_->open(listener, threads));
  return server;
}

Server::Server(std::unique_ptr<Held> held) : held_(std::move(held)) {}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return held_->port; }

std::size_t Server::connections() const { return held_->serving->admission.connections(); }

Result<void> Server::present(const tls::Identity& identity) { return held_->serving->tls->present(identity); }

void Server::stop() {
  for (const auto& worker : held_->workers) worker->drain();
  for (auto& thread : held_->threads) thread.join();
  held_->threads.clear();
  held_->workers.clear();
}

}  // namespace holdfast::linux::http
