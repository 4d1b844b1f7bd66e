// 5-security, line 20: no default credentials anywhere, and every list belongs to one catalog.
#include <doctest/doctest.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "attack/stage.h"
#include "base/text.h"
#include "service/access/access.h"
#include "service/gateway/gateway.h"

using namespace holdfast;
using namespace holdfast::tests;
using service::gateway::Admits;
using service::gateway::Route;

namespace {

/// The route's path with its parameters given; those that are not named get a word that fits nothing.
std::string path_of(const Route& route, const std::map<std::string, std::string>& parameters) {
  std::string out;
  for (const std::string_view part : split(route.pattern.substr(1), '/')) {
    const bool is_parameter = part.starts_with('{');
    const auto given = is_parameter ? parameters.find(std::string(part.substr(1, part.size() - 2))) : parameters.end();
    out += cat("/", given != parameters.end() ? std::string_view(given->second) : is_parameter ? "none" : part);
  }
  return out;
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat facts{};
  REQUIRE(::lstat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

json::Value redemption(const std::string& secret, const std::string& name) {
  return json::Object{{"secret", secret}, {"name", name}};
}

/// What a service says on a terminal until the link has come, or five seconds have passed.
std::string read_terminal(int terminal) {
  std::string said;
  char buffer[1024];
  for (int i = 0; i < 500 && said.find("secret=") == std::string::npos; ++i) {
    const ssize_t size = ::read(terminal, buffer, sizeof buffer);
    if (size > 0) said.append(buffer, static_cast<std::size_t>(size));
    if (size <= 0) ::usleep(10'000);
  }
  return said;
}

}  // namespace

TEST_CASE("a fresh service lets nobody in by a default, empty or guessed credential") {
  const TemporaryFolder folder;
  ServiceProcess fresh(folder.path());
  fresh.start();
  const std::vector<std::string> guesses = {"", "Authorization: Basic YWRtaW46YWRtaW4=\r\n",
                                            "Authorization: Bearer \r\n", "Authorization: Bearer hft_\r\n",
                                            "Authorization: Bearer admin\r\n"};
  int tried = 0;
  for (const std::string& guess : guesses) {
    Raw devices(fresh.device_port());
    Raw operators(fresh.management_port());
    for (const Route* route : service::gateway::all_routes()) {
      if (route->port == service::Port::Est) continue;  // nobody has turned it on
      Raw& raw = route->port == service::Port::Device ? devices : operators;
      const std::string method(route->method);
      raw->send(request(method, path_of(*route, {{"catalog", kAcme}}), "", guess));
      const int status = status_of(raw->receive());
      INFO(method, " ", route->pattern, " with ", guess, ": ", status);
      if (route->admits == Admits::Anyone) {
        const bool is_health = route->pattern == "/healthz" || route->pattern == "/readyz";
        CHECK((is_health ? status == 200 : status == 400 || status == 404));
      } else {
        CHECK(status == 401);
      }
      ++tried;
      ::usleep(1'000);
    }
  }
  CHECK(tried > 200);
}

TEST_CASE("an owner link works once, and of many at once exactly one wins") {
  const TemporaryFolder folder;
  ServiceProcess fresh(folder.path());
  fresh.start();
  const std::string secret = fresh.owner_secret();
  CHECK(Caller(fresh.management_port()).post("/v1/owner-link", redemption(secret + "A", "eve")).status == 401);

  constexpr int kTogether = 6;
  std::barrier together(kTogether);
  std::vector<Answer> answers(kTogether);
  std::vector<std::thread> threads;
  for (int i = 0; i < kTogether; ++i) {
    threads.emplace_back([&, i] {
      Caller caller(fresh.management_port());
      caller.get("/v1/catalogs");  // the handshake is done when all begin
      together.arrive_and_wait();
      answers[static_cast<std::size_t>(i)] = caller.post("/v1/owner-link", redemption(secret, cat("owner-", i)));
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<std::string> tokens;
  for (const Answer& answer : answers) {
    if (answer.status == 201) {
      tokens.push_back(answer.text("token"));
    } else {
      CHECK(answer.reason() == service::access::kOwnerLinkSpent.word());
    }
  }
  REQUIRE(tokens.size() == 1);
  CHECK(Caller(fresh.management_port(), tokens[0]).get("/v1/operators").items().size() == 1);
  const Answer again = Caller(fresh.management_port()).post("/v1/owner-link", redemption(secret, "late"));
  CHECK(again.reason() == service::access::kOwnerLinkSpent.word());
}

TEST_CASE("an unused link of an earlier start is worth nothing once the service has its owner") {
  const TemporaryFolder folder;
  ServiceProcess fresh(folder.path());
  fresh.start();
  const std::string earlier = fresh.owner_secret();
  fresh.end_with(SIGTERM);
  fresh.start();
  const std::string later = fresh.owner_secret();
  REQUIRE(earlier != later);
  Caller caller(fresh.management_port());
  CHECK(caller.post("/v1/owner-link", redemption(later, "ada")).status == 201);
  CHECK(caller.post("/v1/owner-link", redemption(earlier, "eve")).reason() == service::access::kOwnerLinkSpent.word());
  fresh.end_with(SIGTERM);
  std::filesystem::remove(fresh.data() / "owner-link");
  fresh.start();
  CHECK(!std::filesystem::exists(fresh.data() / "owner-link"));
}

TEST_CASE("without a terminal the owner link lies in a file that only its owner can read, and nowhere else") {
  const TemporaryFolder folder;
  ServiceProcess fresh(folder.path());
  fresh.start();
  CHECK(mode_of(fresh.data()) == 0700);
  for (const auto& file : std::filesystem::directory_iterator(fresh.data())) {
    INFO(file.path().string());
    CHECK(mode_of(file.path()) == 0600);
  }
  CHECK(fresh.said().find(fresh.owner_secret()) == std::string::npos);
  CHECK(text_of_file(cat("/proc/", fresh.pid(), "/cmdline")).find(fresh.owner_secret()) == std::string::npos);
}

TEST_CASE("with a terminal the owner link goes there, and into neither log nor file") {
  const TemporaryFolder folder;
  int ours = -1;
  int its = -1;
  REQUIRE(::openpty(&ours, &its, nullptr, nullptr, nullptr) == 0);
  ServiceProcess fresh(folder.path());
  fresh.start({.standard_output = its, .user = {}});
  const std::string seen = read_terminal(ours);
  const std::size_t at = seen.find("secret=");
  REQUIRE(at != std::string::npos);
  const std::string secret = seen.substr(at + 7, 43);
  CHECK(fresh.said().find(secret) == std::string::npos);
  CHECK(!std::filesystem::exists(fresh.data() / "owner-link"));
  CHECK(Caller(fresh.management_port()).post("/v1/owner-link", redemption(secret, "ada")).status == 201);
  ::close(ours);
  ::close(its);
}

TEST_CASE("a token of one catalog sees no row of another on any route, by any spelling") {
  Stage& stage = Stage::shared();
  const auto device = stage.add_device(kAcme);
  REQUIRE(stage.owner().post(path_in(kAcme, "/products"), json::Object{{"name", "acme-only"}}).status == 201);
  Caller rival(stage.service().management_port(), stage.add_operator("rival-owner", "own", kRival));
  const std::vector<std::string> marks = {"acme", device->id()};

  int lists = 0;
  for (const Route* route : service::gateway::all_routes()) {
    if (route->admits != Admits::Operator) continue;
    for (const std::string catalog :
         {"acme", "ACME", "%61cme", "rival%2F..%2Facme", "acme%00rival", "..", "_service"}) {
      const std::string path = path_of(*route, {{"catalog", catalog}, {"device", device->id()}});
      const Answer refused = rival.send(std::string(route->method), path, "{}");
      INFO(route->method, " ", path, ": ", refused.status);
      CHECK(refused.status == 403);
    }
    if (route->method != "GET" || route->pattern.find("{catalog}") == std::string_view::npos) continue;
    const Answer own = rival.get(path_of(*route, {{"catalog", kRival}, {"device", device->id()}}));
    const std::string text = json::dump(own.body);
    for (const std::string& mark : marks) {
      if (own.status == 200) CHECK_MESSAGE(text.find(mark) == std::string::npos, route->pattern, " shows ", mark);
    }
    lists += own.status == 200 ? 1 : 0;
  }
  CHECK(lists >= 8);
  CHECK(stage.owner().get(path_in(kAcme, "/devices")).items().size() == 1);
}

TEST_CASE("an operator of one catalog changes no device, certificate or ticket of another by naming its own") {
  Stage& stage = Stage::shared();
  const auto device = stage.add_device(kAcme);
  Caller ada = stage.owner();
  const std::string certificates = cat("/devices/", device->id(), "/certificates");
  const std::string serial = *ada.get(path_in(kAcme, certificates)).items().front().find("serial")->text();
  stage.ticket(kAcme);
  const std::string ticket = *ada.get(path_in(kAcme, "/claims")).items().front().find("ticket")->text();

  Caller rival(stage.service().management_port(), stage.add_operator("rival-operator", "operate", kRival));
  const json::Value reason = json::Object{{"reason", "mine now"}};
  CHECK(rival.post(path_in(kRival, cat("/devices/", device->id(), "/hold")), json::Object{}).status == 404);
  CHECK(rival.post(path_in(kRival, cat("/certificates/", serial, "/revoke")), reason).status == 404);
  CHECK(rival.send("DELETE", path_in(kRival, cat("/claims/", ticket)), "").status == 404);
  CHECK(ada.get(path_in(kAcme, cat("/devices/", device->id()))).text("state") == "enrolled");
  CHECK(ada.get(path_in(kAcme, certificates)).items().front().find("state")->text()->compare("valid") == 0);
}
