// 5-security, line 22: budget before cost.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "attack/stage.h"
#include "base/encoding.h"
#include "base/text.h"
#include "linux/http/server.h"
#include "service/appraise/attest.h"
#include "service/claim/enroll.h"
#include "service/claim/tickets.h"
#include "wire/attest.h"
#include "wire/claim_ticket.h"
#include "wire/enroll.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

/// An enrolment whose keys are no keys, so that whoever looks at them first says so.
std::string enrolment(const std::string& catalog, const Secret& secret) {
  wire::EnrollRequest out;
  out.catalog = catalog;
  out.ek_public = Blob(64, 1);
  out.ak_public = Blob(64, 2);
  out.claim_secret = secret.clone();
  return to_text(out.encode());
}

Secret a_secret() { return Secret(Blob(wire::kClaimSecretBytes, 7)); }

struct Flood {
  static constexpr int kConnections = 6;
  static constexpr int kRequestsEach = 250;
  std::atomic<int> refused_early = 0;  ///< 429
  std::atomic<int> told_when = 0;      ///< … with Retry-After and the reason
  std::atomic<int> judged = 0;         ///< by the service
  std::atomic<int> other = 0;

  void pour(std::uint16_t port) {
    const std::string one = request("POST", "/v1/enroll", enrolment(kAcme, a_secret()));
    Raw raw(port);
    for (int i = 0; i < kRequestsEach; ++i) {
      raw->send(one);
      const std::string answer = raw->receive();
      switch (status_of(answer)) {
        case 403: ++judged; break;
        case 429:
          ++refused_early;
          if (answer.find("\r\nRetry-After: ") != std::string::npos &&
              answer.find(linux::http::kHttpTooMany.word()) != std::string::npos) {
            ++told_when;
          }
          break;
        default: ++other;
      }
    }
  }
};

constexpr int kHalfOpen = 10'000;
constexpr int kHalfOpenSources = 100;  ///< no source may have more than 256
constexpr int kAsked = 50;             ///< honest requests meanwhile

void allow_descriptors() {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE(limit.rlim_cur > kHalfOpen + 200);
}

std::int64_t processor_ms_of(pid_t pid) {
  const std::string stat = text_of_file(cat("/proc/", pid, "/stat"));
  const auto words = split(std::string_view(stat).substr(stat.rfind(')') + 2), ' ');
  const auto ticks = std::strtoll(std::string(words[11]).c_str(), nullptr, 10) +
                     std::strtoll(std::string(words[12]).c_str(), nullptr, 10);
  return ticks * 1'000 / ::sysconf(_SC_CLK_TCK);
}

}  // namespace

TEST_CASE("a flood of enrolments is refused with 429 before it costs anything, while another source is served") {
  Stage& stage = Stage::shared();
  const std::uint16_t port = stage.service().device_port();
  const std::int64_t before_ms = processor_ms_of(stage.service().pid());
  Flood flood;
  std::atomic<int> pouring = Flood::kConnections;
  std::vector<std::thread> threads;
  for (int i = 0; i < Flood::kConnections; ++i) {
    threads.emplace_back([&] {
      flood.pour(port);
      --pouring;
    });
  }
  int asked = 0;
  int served = 0;
  Duration slowest{};
  while (pouring > 0) {
    const auto start = std::chrono::steady_clock::now();
    Raw honest(port, "127.0.0.2");
    ++asked;
    served += status_of(honest->get("/v1/bootstrap/acme")) == 200 ? 1 : 0;
    slowest = std::max(slowest, std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start));
    ::usleep(2'000);
  }
  for (std::thread& thread : threads) thread.join();
  MESSAGE(flood.judged.load(), " judged, ", flood.refused_early.load(), " refused early, ", served,
          " honest ones served meanwhile, the slowest in ", slowest.count(), " ms; ",
          processor_ms_of(stage.service().pid()) - before_ms, " ms of processor time");
  CHECK(flood.judged > 0);
  CHECK(flood.refused_early > 100);
  CHECK(flood.told_when == flood.refused_early);
  CHECK(flood.other == 0);
  CHECK(asked > 0);
  CHECK(served == asked);
  CHECK(slowest < seconds(3));
}

TEST_CASE("one source cannot take every connection") {
  Stage& stage = Stage::shared();
  const std::uint16_t port = stage.service().device_port();
  std::vector<int> held;
  constexpr int kConnections = 300;
  for (int i = 0; i < kConnections; ++i) held.push_back(test::connect_loopback(port, "127.0.0.3"));
  Raw other(port, "127.0.0.2");
  CHECK(status_of(other->get("/v1/bootstrap/acme")) == 200);
  const auto connector = unverified_connector();
  CHECK(!test::RawClient(*connector, port, "127.0.0.3").is_open());
  for (const int socket : held) ::close(socket);
  CHECK(stage.serves());
}

TEST_CASE("ten thousand half-open connections from a hundred sources leave room for honest ones") {
  Stage& stage = Stage::shared();
  const std::uint16_t port = stage.service().device_port();
  allow_descriptors();
  std::vector<int> held;
  int served = 0;
  Duration slowest{};
  for (int i = 0; i < kHalfOpen; ++i) {
    held.push_back(test::connect_loopback(port, cat("127.4.0.", 1 + i % kHalfOpenSources)));
    if (i % (kHalfOpen / kAsked) != 0) continue;
    const auto start = std::chrono::steady_clock::now();
    Raw honest(port, "127.0.0.2");
    served += status_of(honest->get("/v1/bootstrap/acme")) == 200 ? 1 : 0;
    slowest = std::max(slowest, std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start));
  }
  MESSAGE("the slowest honest request took ", slowest.count(), " ms");
  CHECK(served == kAsked);
  CHECK(slowest < seconds(3));
  for (const int socket : held) ::close(socket);
  CHECK(stage.serves());
}

TEST_CASE("an unknown catalog and an unknown ticket are refused before a key is looked at") {
  Stage& stage = Stage::shared();
  Caller device(stage.service().device_port());
  const auto reason = [&](const std::string& body) { return device.send("POST", "/v1/enroll", body).reason(); };
  CHECK(reason(enrolment("nowhere", a_secret())) == service::claim::kCatalogUnknown.word());
  CHECK(reason(enrolment(kAcme, a_secret())) == service::claim::kTicketUnknown.word());
  const Blob file = stage.ticket(kAcme);
  const auto ticket = wire::ClaimTicket::decode(file);
  REQUIRE(ticket);
  const Answer known = device.send("POST", "/v1/enroll", enrolment(kAcme, ticket->secret));
  CHECK(known.status == 400);
  CHECK(known.reason() != service::claim::kTicketUnknown.word());
}

TEST_CASE("an unknown nonce or challenge is refused before evidence is looked at") {
  Stage& stage = Stage::shared();
  Caller device(stage.service().device_port());
  wire::AttestBody body;
  body.event_log = Blob(1'000, 1);
  body.client_request = Blob(100, 2);
  body.update_request = Blob(100, 3);
  body.boot_count = 1;
  wire::AttestRequest evidence;
  evidence.catalog = kAcme;
  evidence.device = "hf-0000-0000-0000-0000";
  evidence.quote = evidence.quote_signature = Blob(100, 4);
  evidence.pcr_values.resize(wire::kPcrsQuoted);
  evidence.client_key = evidence.update_key = {Blob(100, 5), Blob(100, 6), Blob(100, 7)};
  evidence.body = body.encode();
  CHECK(device.send("POST", "/v1/attest", to_text(evidence.encode())).reason() ==
        service::appraise::kNonceUnknown.word());
  wire::EnrollProof proof;
  proof.secret = a_secret();
  CHECK(device.send("POST", "/v1/enroll/proof", to_text(proof.encode())).reason() ==
        service::claim::kChallengeUnknown.word());
}
