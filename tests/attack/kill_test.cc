// 5-security, lines 23 and 24: kill -9 at any instant, under load, loses nothing that was acknowledged.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <thread>

#include "attack/kill_ledger.h"
#include "attack/stage.h"
#include "base/text.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

constexpr int kWorkers = 3;
constexpr int kRounds = 5;
constexpr std::uint64_t kInstantMaxMs = 500;

std::uint64_t seed_of_this_run() {
  const char* given = std::getenv("HOLDFAST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : static_cast<std::uint64_t>(::time(nullptr));
}

/// Lets everybody ask, kills the service at some instant, and starts it again.
void round(Stage& stage, KillLedger& ledger, SoftDevice& device, int number, sim::random::SeededRandom random) {
  std::atomic<bool> gone = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    const std::uint64_t seed = random.below(UINT64_MAX);
    threads.emplace_back([&, i, seed] {
      keep_asking(stage.service().management_port(), stage.token(), ledger, cat("r", number, "-w", i), seed);
    });
  }
  threads.emplace_back([&] { keep_attesting(device, ledger, gone); });
  const std::size_t before = ledger.size();
  for (int i = 0; i < 1'000 && ledger.size() == before; ++i) ::usleep(10'000);
  ::usleep(static_cast<useconds_t>(random.below(kInstantMaxMs * 1'000)));
  stage.service().kill();
  gone = true;
  for (std::thread& thread : threads) thread.join();
  stage.service().start();
}

bool nothing_is_lost(const KillLedger& ledger, Stage& stage) {
  const std::vector<std::string> lost = ledger.missing(stage);
  for (const std::string& one : lost) MESSAGE("lost: ", one);
  return lost.empty();
}

bool audits_verify(const Stage& stage) {
  return stage.holdfast({"audit", "verify", "--catalog", kAcme}).code == 0 &&
         stage.holdfast({"audit", "verify", "--service"}).code == 0;
}

void copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::create_directories(to);
  for (const char* name : {"holdfast.sqlite", "holdfast.sqlite-wal", "holdfast.sqlite-shm"}) {
    std::filesystem::remove(to / name);
    if (std::filesystem::exists(from / name)) std::filesystem::copy_file(from / name, to / name);
  }
}

}  // namespace

TEST_CASE("an answer under a key outlives kill -9, and what it answered is there once") {
  Stage stage;
  Caller owner(stage.service().management_port(), stage.token());
  owner.headers = {{"Idempotency-Key", "outlives"}};
  const std::string claims = path_in(kAcme, "/claims");
  const json::Value order = json::Object{{"product", "gateway"}, {"device_group", "field"}};
  const std::size_t before = stage.owner().list(claims).size();
  const Answer first = owner.post(claims, order);
  REQUIRE(first.status == 201);
  stage.service().kill();
  stage.service().start();
  const Answer again = owner.post(claims, order);
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(again.body == first.body);
  CHECK(stage.owner().list(claims).size() == before + 1);
}

TEST_CASE("kill -9 at a random instant under load loses nothing that was acknowledged, and the audit chains verify") {
  const std::uint64_t seed = seed_of_this_run();
  MESSAGE("again with HOLDFAST_SEED=", seed);
  const sim::random::SeededRandom random(seed);
  Stage stage;
  const auto device = stage.add_device(kAcme);
  KillLedger ledger;
  for (int number = 0; number < kRounds; ++number) {
    const std::size_t before = ledger.size();
    round(stage, ledger, *device, number, random.fork(cat(number)));
    INFO("round ", number, ": ", ledger.size() - before, " more acknowledged");
    CHECK(ledger.size() > before);
    CHECK(nothing_is_lost(ledger, stage));
    CHECK(audits_verify(stage));
  }
  for (const std::string kind : {kProducts, kPolicies, kOperators, kTickets}) {
    MESSAGE(ledger.size(kind), " of kind ", kind);
    CHECK(ledger.size(kind) > 0);
  }
  MESSAGE(ledger.certificates(), " certificates");
  CHECK(ledger.certificates() > 0);

  // The same checks must see a loss: the service with its database of one round before.
  stage.service().kill();
  const std::filesystem::path kept = stage.folder() / "kept";
  copy_database(stage.service().data(), kept);
  stage.service().start();
  round(stage, ledger, *device, kRounds, random.fork("control"));
  REQUIRE(nothing_is_lost(ledger, stage));
  REQUIRE(audits_verify(stage));
  stage.service().kill();
  copy_database(kept, stage.service().data());
  stage.service().start();
  CHECK(!ledger.missing(stage).empty());
  CHECK(stage.holdfast({"audit", "verify", "--catalog", kAcme}).code != 0);
}
