// What a request costs the server, beside nginx: the same answer to the same client over the same TLS.
#include <cstdio>

#include "base/check.h"
#include "base/text.h"
#include "bench/rows.h"
#include "bench/servers.h"

namespace holdfast::bench {
namespace {

using linux::net::Call;
using linux::net::Client;
using Which = Servers::Which;

constexpr std::size_t kSources = 1'000;  ///< taken in turn, so that none comes near its limit

/// One kind of request, again and again, from many sources.
struct Caller {
  Caller(const std::shared_ptr<Servers>& at, Which which) : servers(at) {
    for (std::size_t i = 0; i < kSources; ++i) calls.push_back(servers->call(which));
  }
  const Call& next() { return calls[turn++ % calls.size()]; }

  std::shared_ptr<Servers> servers;
  std::vector<Call> calls;
  std::size_t turn = 0;
};

void ask(Client& client, const Call& call) {
  const auto answer = client.exchange(call);
  if (!answer || answer->status != 200) {
    std::fprintf(stderr, "%s\n", answer ? cat("status ", answer->status).c_str() : answer.error().message.c_str());
  }
  CHECK_INVARIANT(answer && answer->status == 200);
}

/// A client of its own for each request knows no session.
std::function<void()> full_handshakes(const std::shared_ptr<Servers>& servers, Which which) {
  return [caller = std::make_shared<Caller>(servers, which)] {
    Client client(caller->servers->clock(), {});
    ask(client, caller->next());
  };
}

std::function<void()> resumed_handshakes(const std::shared_ptr<Servers>& servers, Which which) {
  struct Held {
    Held(const std::shared_ptr<Servers>& at, Which to) : caller(at, to), client(at->clock(), {}) {}
    Caller caller;
    Client client;
  };
  return [held = std::make_shared<Held>(servers, which)] {
    ask(held->client, held->caller.next());
    held->client.close_connections();
  };
}

/// Connections of so many sources, each kept.
std::function<void()> kept_connections(const std::shared_ptr<Servers>& servers, Which which) {
  struct Held {
    Held(const std::shared_ptr<Servers>& at, Which to) : caller(at, to) {
      for (std::size_t i = 0; i < kSources; ++i) {
        clients.push_back(std::make_unique<Client>(at->clock(), linux::net::Timeouts{}));
        ask(*clients.back(), caller.next());
      }
    }
    Caller caller;
    std::vector<std::unique_ptr<Client>> clients;
  };
  return [held = std::make_shared<Held>(servers, which)] {
    Client& client = *held->clients[held->caller.turn % kSources];
    ask(client, held->caller.next());
  };
}

Result<Comparison> against_nginx(std::string name, std::string what, std::string peer, double ratio_max,
                                 std::function<void()> (*requests)(const std::shared_ptr<Servers>&, Which)) {
  const auto servers = TRY(Servers::get());
  Comparison out;
  out.name = std::move(name);
  out.what = std::move(what);
  out.against = std::move(peer);
  out.ratio_max = ratio_max;
  out.subject = requests(servers, Which::Holdfastd);
  out.peer = requests(servers, Which::Nginx);
  out.cpu_ns = [servers] { return servers->cpu_ns(); };
  return out;
}

}  // namespace

Result<Comparison> full_handshake() {
  return against_nginx("full-handshake", "full mutual-TLS 1.3 handshake + request", "nginx", 1.0, full_handshakes);
}

Result<Comparison> resumed_handshake() {
  return against_nginx("resumed-handshake", "resumed handshake + request", "nginx, resumed", 0.6, resumed_handshakes);
}

Result<Comparison> kept_connection() {
  return against_nginx("keep-alive", "keep-alive request, static", "nginx", 1.0, kept_connections);
}

}  // namespace holdfast::bench
