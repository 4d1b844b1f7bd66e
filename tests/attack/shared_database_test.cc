// Two processes of holdfastd on one PostgreSQL: each knows at once what the other did, and neither the death of one nor
// that of the database loses what was acknowledged.
#include <doctest/doctest.h>
#include <unistd.h>

#include <ctime>
#include <set>
#include <thread>

#include "attack/kill_ledger.h"
#include "attack/stage.h"
#include "base/text.h"
#include "postgres/postgres_server.h"
#include "service/identity/certificates.h"
#include "wire/check_in.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

/// The first process with its owner, and a second one beside it.
class Pair {
 public:
  Pair() { second_.start(); }

  PostgresServer& database() { return database_; }
  Stage& stage() { return stage_; }
  ServiceProcess& second() { return second_; }
  Caller owner_at_second() { return Caller(second_.management_port(), stage_.token()); }
  std::filesystem::path new_folder(const std::string& name) const {
    const auto path = stage_.folder() / name;
    std::filesystem::create_directory(path);
    return path;
  }
  const std::string& url() const { return url_; }

 private:
  PostgresServer database_;
  std::string url_ = database_.new_database();
  Stage stage_{{"--database", url_}};
  ServiceProcess second_{new_folder("second"),
                         {"--database", url_, "--service-key", (stage_.service().data() / "service.key").string()}};
};

/// Starting them all takes seconds.
Pair& pair() {
  static Pair one;
  return one;
}

Answer check_in(std::uint16_t port, const linux::net::ClientKey& key) {
  wire::CheckInRequest out;
  out.boot_count = 1;
  return Caller(port).send("POST", "/v1/check-in", to_text(out.encode()), key);
}

bool audits_verify(const Stage& stage) {
  return stage.holdfast({"audit", "verify", "--catalog", kAcme}).code == 0 &&
         stage.holdfast({"audit", "verify", "--service"}).code == 0;
}

}  // namespace

TEST_CASE("what one process did the other knows with the next request") {
  Stage& stage = pair().stage();
  const auto device = stage.add_device(kAcme);
  const auto key = device->client_key();
  REQUIRE(key);
  CHECK(check_in(stage.service().device_port(), *key).status == 200);
  CHECK(check_in(pair().second().device_port(), *key).status == 200);
  const std::string path = path_in(kAcme, cat("/devices/", device->id(), "/hold"));
  CHECK(pair().owner_at_second().post(path, json::Object{{"reason", "test"}}).status == 200);
  CHECK(check_in(stage.service().device_port(), *key).status == 403);
  CHECK(check_in(pair().second().device_port(), *key).status == 403);
}

TEST_CASE("one key at two processes at once makes one ticket, and its answer outlives the process that gave it") {
  Stage& stage = pair().stage();
  const std::string claims = path_in(kAcme, "/claims");
  const json::Value order = json::Object{{"product", "gateway"}, {"device_group", "field"}};
  const std::size_t before = stage.owner().list(claims).size();
  const auto ask = [&](std::uint16_t port, const std::string& key) {
    Caller caller(port, stage.token());
    caller.headers = {{"Idempotency-Key", key}};
    return caller.post(claims, order);
  };
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Answer> answers(6);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto& process = i % 2 == 0 ? stage.service() : pair().second();
      threads.emplace_back([&, i, port = process.management_port()] { answers[i] = ask(port, cat("round ", round)); });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> tickets;
    for (const Answer& answer : answers) {
      CHECK((answer.status == 201 || (answer.status == 409 && answer.reason() == "idempotency-key-in-use")));
      if (answer.status == 201) tickets.insert(json::dump(answer.body));
    }
    CHECK(tickets.size() == 1);
  }
  CHECK(stage.owner().list(claims).size() == before + kRounds);
  const Answer first = ask(pair().second().management_port(), "outlives");
  pair().second().kill();
  const Answer again = ask(stage.service().management_port(), "outlives");
  pair().second().start();
  CHECK(first.status == 201);
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(again.body == first.body);
}

TEST_CASE("a process with another service key is refused, says so, and leaves no key behind") {
  const auto folder = pair().new_folder("foreign");
  const Ran ran = run_service({"--data", (folder / "data").string(), "--database", pair().url(), "--device-address",
                               "127.0.0.1:0", "--management-address", "127.0.0.1:0"});
  CHECK(ran.code != 0);
  CHECK(ran.printed.find("service key") != std::string::npos);
  CHECK(ran.printed.find("give every process that shares the database the same service key") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "data" / "service.key"));
}

TEST_CASE("a process whose database is gone is alive and not ready, and ready again by itself") {
  Caller anybody(pair().stage().service().device_port());
  REQUIRE(anybody.get("/readyz").status == 200);
  pair().database().crash();
  CHECK(anybody.get("/readyz").status == 503);
  CHECK(anybody.get("/healthz").status == 200);
  pair().database().start();
  int status = 0;
  for (int i = 0; i < 100 && status != 200; ++i) {
    ::usleep(50'000);
    status = anybody.get("/readyz").status;
  }
  CHECK(status == 200);
}

TEST_CASE("the death of one process or of the database under load loses nothing that was acknowledged") {
  Stage& stage = pair().stage();
  const auto seed = static_cast<std::uint64_t>(::time(nullptr));
  MESSAGE("seed ", seed);
  const sim::random::SeededRandom random(seed);
  const auto device = stage.add_device(kAcme);
  KillLedger ledger;
  for (int round = 0; round < 4; ++round) {
    const std::size_t before = ledger.size();
    std::atomic<bool> over = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      const std::uint16_t port = i == 0 ? stage.service().management_port() : pair().second().management_port();
      const std::uint64_t worker_seed = random.fork(cat(round, i)).below(UINT64_MAX);
      threads.emplace_back([&, i, port, worker_seed] {
        keep_asking(port, stage.token(), ledger, cat("r", round, "-w", i), worker_seed, &over);
      });
    }
    threads.emplace_back([&] { keep_attesting(*device, ledger, over); });
    ::usleep(700'000);
    if (round % 2 == 0) {
      pair().second().kill();
      pair().second().start();
    } else {
      pair().database().crash();
      pair().database().start();
    }
    ::usleep(700'000);
    over = true;
    for (std::thread& thread : threads) thread.join();
    INFO("round ", round, ": ", ledger.size() - before, " more acknowledged");
    CHECK(ledger.size() > before);
    for (const std::string& lost : ledger.missing(stage)) FAIL_CHECK("lost: ", lost);
    CHECK(audits_verify(stage));
  }
}
