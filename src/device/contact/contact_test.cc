#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>

#include "device/contact/backoff.h"
#include "device/contact/services.h"
#include "sim/net/scripted_net.h"
#include "sim/random/seeded_random.h"

using namespace holdfast;
using namespace holdfast::device::contact;

namespace {

Call sample_call() {
  return {.services = {"https://one:1", "https://two:2"},
          .peer = ports::ContentPinned{},
          .identity = {},
          .method = "POST",
          .path = "/v1/enroll",
          .body = {}};
}

/// `status` from the first service, 200 from the second.
sim::net::Answer first_answers(int status, std::string_view body) {
  return [=](const ports::NetRequest& request) -> Result<ports::NetAnswer> {
    const bool is_first = request.service == "https://one:1";
    return ports::NetAnswer{.status = is_first ? status : 200,
                            .body = to_blob(as_bytes(is_first ? body : "{}")),
                            .retry_after = is_first ? std::optional<Duration>(seconds(7)) : std::nullopt};
  };
}

}  // namespace

TEST_CASE("a service that cannot decide is passed over, one that decided is not") {
  for (const int status : {500, 502, 503}) {
    sim::net::ScriptedNet net;
    net.on("POST", "/v1/enroll", first_answers(status, ""));
    Services services(net);
    CHECK(services.call(sample_call()));
    CHECK(net.requests().size() == 2);
  }
  for (const int status : {400, 401, 403, 404, 409, 429}) {
    sim::net::ScriptedNet net;
    net.on("POST", "/v1/enroll", first_answers(status, ""));
    Services services(net);
    CHECK_FALSE(services.call(sample_call()));
    CHECK(net.requests().size() == 1);
    CHECK(services.asked_to_wait() == seconds(7));
  }
}

TEST_CASE("what certificates are judged at goes with every call") {
  sim::net::ScriptedNet net;
  net.on("POST", "/v1/enroll", first_answers(500, ""));
  const WallTime at = WallTime::from_seconds(1'800'000'000);
  REQUIRE(Services(net, {}, at).call(sample_call()));
  REQUIRE(net.requests().size() == 2);
  for (const auto& request : net.requests()) CHECK(request.earliest == at);
}

TEST_CASE("a refusal carries what the service said, and nothing that a terminal would obey") {
  sim::net::ScriptedNet net;
  net.on("POST", "/v1/enroll", first_answers(403, R"({"title":"ticket-consumed","detail":"saw \u001b[31m it"})"));
  Services services(net);
  const auto answer = services.call(sample_call());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().next == Next::Denied);
  CHECK(answer.error().reason == kServiceDenied);
  CHECK_FALSE(heals_by_waiting(answer.error()));
  CHECK(answer.error().message ==
        "POST /v1/enroll at https://one:1: expected status 200, saw 403, ticket-consumed: saw \\x1b[31m it");
}

TEST_CASE("what a device acts upon is told apart by the word, whatever the status") {
  for (const int status : {403, 404, 409}) {
    sim::net::ScriptedNet net;
    Services services(net);
    net.on("POST", "/v1/enroll", first_answers(status, R"({"title":"device-unknown"})"));
    CHECK(services.call(sample_call()).error().reason == kServiceDisowns);
    net.on("POST", "/v1/enroll", first_answers(status, R"({"title":"nonce-expired"})"));
    const auto again = services.call(sample_call());
    CHECK(again.error().reason == kServiceAsksAgain);
    CHECK(heals_by_waiting(again.error()));
  }
}

TEST_CASE("any status is an answer and none is a crash") {
  for (int status = 0; status < 700; ++status) {
    sim::net::ScriptedNet net;
    net.on("POST", "/v1/enroll", sim::net::always(status, as_bytes("[1,")));
    Services services(net);
    CHECK(services.call(sample_call()).has_value() == (status == 200));
  }
}

TEST_CASE("a peer that cannot prove itself is told, even when other services are merely away") {
  sim::net::ScriptedNet net;
  net.on("POST", "/v1/enroll", [](const ports::NetRequest& request) -> Result<ports::NetAnswer> {
    const bool is_first = request.service == "https://one:1";
    return fail(Next::Retry, is_first ? ports::kNetPeerUnverified : ports::kNetUnreachable, "saw another");
  });
  Services services(net);
  CHECK(services.call(sample_call()).error().reason == ports::kNetPeerUnverified);
  auto nobody = sample_call();
  nobody.services.clear();
  CHECK(services.call(nobody).error().reason == kServiceUnnamed);
}

TEST_CASE("waits double, differ, and stay below an hour") {
  sim::random::SeededRandom random(1);
  Duration least = kBackoffMax;
  for (int failures = 1; failures < 40; ++failures) {
    const Duration wait = backoff(kBackoffSoon, failures, random);
    CHECK(wait <= kBackoffMax);
    CHECK(wait >= std::min(kBackoffMax, kBackoffSoon * (std::int64_t{1} << std::min(failures - 1, 16))) / 2);
    if (failures > 20) least = std::min(least, wait);
  }
  CHECK(least < kBackoffMax * 9 / 10);
  for (int i = 0; i < 100; ++i) {
    const Duration around = jittered(hours(10), 10, random);
    CHECK(around >= hours(9));
    CHECK(around <= hours(11));
  }
  CHECK(jittered(Duration::zero(), 10, random) == Duration::zero());
}

TEST_CASE("a range is what was asked for, whatever a service makes of ranges") {
  const Blob whole = {1, 2, 3, 4, 5};
  Call call = sample_call();
  call.range = ports::ByteRange{.offset = 1, .bytes = 3};
  for (const auto& [status, body, expected] :
       {std::tuple{206, Blob{2, 3, 4}, Blob{2, 3, 4}}, std::tuple{206, Blob{2, 3, 4, 5, 6, 7}, Blob{2, 3, 4}},
        std::tuple{206, Blob{2}, Blob{2}}, std::tuple{200, whole, Blob{2, 3, 4}}, std::tuple{200, Blob{1}, Blob{}},
        std::tuple{416, whole, Blob{}}}) {
    sim::net::ScriptedNet net;
    net.on("POST", "/v1/enroll", sim::net::always(status, body));
    const auto given = Services(net).call(call);
    REQUIRE(given);
    CHECK(*given == expected);
    CHECK(net.requests().front().range->offset == 1);
  }
}

TEST_CASE("a part that nobody asked for is no answer") {
  sim::net::ScriptedNet net;
  net.on("POST", "/v1/enroll", sim::net::always(206, Blob{1}));
  CHECK_FALSE(Services(net).call(sample_call()));
}
