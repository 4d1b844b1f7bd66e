// What the contract test borrows from the program: `api_bridge routes` prints the management routes; any other
// arguments are a command of `holdfast`, whose requests go to whoever reads its standard output, a JSON object a line,
// and are answered on its standard input. So that what an owner signs offline is there to send, and what the command
// line sends and reads is held to the contract too.
#include <cstdio>
#include <iostream>

#include "base/encoding.h"
#include "cli/commands/holdfast.h"
#include "linux/system/clock.h"
#include "linux/system/random.h"
#include "programs/holdfast/local_files.h"
#include "service/gateway/gateway.h"

namespace {

using namespace holdfast;

constexpr Reason kBridgeBroken{"bridge-broken"};
constexpr std::size_t kLineBytesMax = 32 * 1024 * 1024;

class Bridge final : public cli::Service {
 public:
  Result<cli::ServiceAnswer> call(const cli::ServiceCall& call) override {
    std::cout << json::dump(json::Object{{"method", call.method},
                                         {"path", call.path},
                                         {"content_type", call.content_type},
                                         {"key", call.idempotency_key},
                                         {"token", as_text(call.token.expose())},
                                         {"body", to_base64(call.body)}})
              << '\n'
              << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) return fail(Next::Retry, kBridgeBroken, "expected an answer, saw none");
    const auto answer = TRY(json::parse(as_bytes(line), {.bytes_max = kLineBytesMax}));
    const json::Value* status = answer.find("status");
    const json::Value* body = answer.find("body");
    if (status == nullptr || body == nullptr || status->integer() == nullptr || body->text() == nullptr) {
      return fail(Next::Corrupt, kBridgeBroken, "expected a status and a body, saw something else");
    }
    Blob bytes = TRY(from_base64(*body->text()));
    return cli::ServiceAnswer{static_cast<int>(*status->integer()), std::move(bytes)};
  }
};

void print_routes() {
  json::Array out;
  for (const service::gateway::Route* route : service::gateway::all_routes()) {
    if (route->port != service::Port::Management) continue;
    const bool anyone = route->admits == service::gateway::Admits::Anyone;
    out.emplace_back(json::Object{{"method", route->method},
                                  {"path", route->pattern},
                                  {"scope", anyone ? json::Value() : json::Value(service::name_of(route->scope))},
                                  {"queries", route->queries}});
  }
  std::cout << json::dump(json::Value(std::move(out))) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "routes") {
    print_routes();
    return 0;
  }
  Bridge bridge;
  programs::LocalFiles files;
  linux::system::SystemClock clock;
  linux::system::SystemRandom random;
  const auto print = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); };
  cli::World world{bridge, files, clock, random, std::nullopt, print, [](Duration) { return false; }};
  return cli::run_program(cli::commands::holdfast(world), argc, argv);
}
