#include "service/webhook/outbox.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "service/catalog/fleet.h"
#include "webhook_bench.h"

namespace holdfast::service::webhook {
namespace {

using ports::CertificateState;
using test::WebhookBench;

ports::DeviceRow enrolled(WebhookBench& bench) {
  ports::DeviceRow device;
  device.catalog = WebhookBench::kCatalog;
  device.device = WebhookBench::kDevice;
  bench.write([&](ports::Transaction& tx) { return ports::Table<ports::DeviceRow>(tx).insert(device); });
  return device;
}

std::vector<std::string> types_waiting(WebhookBench& bench, std::string_view name) {
  std::vector<std::string> out;
  for (const auto& event : bench.waiting(name))
    out.push_back(*json::parse(as_bytes(event.payload))->find("type")->text());
  return out;
}

}  // namespace

TEST_CASE("certificates that are superseded are told together, and only those that ended") {
  WebhookBench bench;
  bench.hook();
  bench.certify(1);
  bench.certify(2);
  bench.certify(3, ports::CertificateKind::Update);
  REQUIRE(bench.supersede(false, "the device attested update-only"));
  const auto events = bench.waiting();
  REQUIRE(events.size() == 1);
  const auto told = json::parse(as_bytes(events[0].payload));
  REQUIRE(told);
  CHECK(*told->find("serials") ==
        json::Value(json::Array{"10010000000000000000000000000000", "10020000000000000000000000000000"}));
  CHECK(*told->find("version")->integer() == 1);
  CHECK(*told->find("type")->text() == "certificate-ended");
  CHECK(*told->find("catalog")->text() == "fleet");
  CHECK(*told->find("device")->text() == WebhookBench::kDevice);
  CHECK(*told->find("reason")->text() == "the device attested update-only");
  CHECK(*told->find("at")->text() == to_rfc3339(bench.now));
}

TEST_CASE("where nothing ends nothing is told") {
  WebhookBench bench;
  bench.hook();
  bench.certify(1);
  REQUIRE(bench.supersede(false, "once"));
  REQUIRE(bench.supersede(true, "twice"));
  CHECK(bench.waiting().size() == 1);
}

TEST_CASE("a device that gathered more certificates than one page loses all of them") {
  constexpr int kCertificates = ports::kScanRowsMax + 1;
  WebhookBench bench;
  bench.hook();
  bench.write([&](ports::Transaction& tx) -> Result<void> {
    ports::CertificateRow row;
    row.catalog = WebhookBench::kCatalog;
    row.device = WebhookBench::kDevice;
    row.not_after = bench.now + hours(24);
    for (int i = 0; i < kCertificates; ++i) {
      row.serial = {0x10, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256)};
      std::ranges::copy(row.serial, row.sha256.begin());
      TRY(ports::Table<ports::CertificateRow>(tx).insert(row));
    }
    return {};
  });
  REQUIRE(bench.supersede(true, "a worse verdict"));
  bench.write([&](ports::Transaction& tx) -> Result<void> {
    const auto left = TRY(ports::Table<ports::CertificateRow>(tx).scan(
        {.index = ports::kCertificatesByEnd,
         .prefix = ports::record_of(WebhookBench::kCatalog, ports::CertificateKind::Client, CertificateState::Valid)}));
    CHECK(left.empty());
    return {};
  });
  std::size_t told = 0;
  for (const auto& event : bench.waiting()) {
    told += json::parse(as_bytes(event.payload))->find("serials")->array()->size();
  }
  CHECK(told == kCertificates);
}

TEST_CASE("a revoked certificate is told once") {
  WebhookBench bench;
  bench.hook();
  bench.certify(1);
  bench.certify(2);
  const auto revoke = [&](std::uint8_t serial) {
    bench.write([&](ports::Transaction& tx) {
      return identity::revoke(tx, WebhookBench::kCatalog, ByteArray<16>{0x10, serial}, "found on a copied disk",
                              bench.owner, bench.now);
    });
  };
  revoke(1);
  revoke(1);
  CHECK(bench.waiting().size() == 1);
  REQUIRE(bench.supersede(true, "the device enrolled anew"));
  revoke(2);
  CHECK(bench.waiting().size() == 2);
  bench.certify(3);
  bench.now = bench.now + days(2);
  revoke(3);
  CHECK(bench.waiting().size() == 2);
}

TEST_CASE("a held device is told to whoever asked for that, and its certificates to whoever asked for those") {
  WebhookBench bench;
  const std::string fleet(WebhookBench::kCatalog);
  REQUIRE(bench.create({fleet, "held", "https://a.example/", {}, {"device-held"}}));
  REQUIRE(bench.create({fleet, "ended", "https://a.example/", {}, {"certificate-ended"}}));
  REQUIRE(bench.create({fleet, "both", "https://a.example/", {}, {"device-held", "certificate-ended"}}));
  bench.certify(1);
  auto device = enrolled(bench);
  bench.write([&](ports::Transaction& tx) -> Result<void> {
    device = TRY(catalog::set_hold(tx, device, true, bench.owner, bench.now));
    return {};
  });
  CHECK(types_waiting(bench, "held") == std::vector<std::string>{"device-held"});
  CHECK(types_waiting(bench, "ended") == std::vector<std::string>{"certificate-ended"});
  CHECK(types_waiting(bench, "both") == std::vector<std::string>{"device-held", "certificate-ended"});
}

TEST_CASE("another catalog's webhook hears nothing") {
  WebhookBench bench;
  bench.hook("broker", "https://hooks.example/", "other");
  bench.certify(1);
  REQUIRE(bench.supersede(true, "ours"));
  CHECK(queued(bench.row("broker", "other")) == 0);
}

TEST_CASE("a power cut leaves a certificate's end and its event, or neither") {
  for (std::size_t kept = 0; kept < 2; ++kept) {
    CAPTURE(kept);
    WebhookBench bench;
    bench.hook();
    bench.certify(1);
    bench.store.flush([](const Result<void>&) {});
    REQUIRE(bench.supersede(true, "a verdict"));
    bench.store.crash(kept);
    CHECK((bench.state_of(1) == CertificateState::Superseded) == (kept == 1));
    CHECK(bench.waiting().size() == kept);
    CHECK(queued(bench.row()) == static_cast<std::int64_t>(kept));
  }
}

TEST_CASE("a transaction that is run again tells once") {
  WebhookBench bench;
  bench.hook();
  bench.store.set_faults({.rerun_every = 1});
  bench.publish();
  CHECK(bench.waiting().size() == 1);
}

TEST_CASE("a great many serials make several events of a bounded size") {
  WebhookBench bench;
  bench.hook();
  Event event{EventType::CertificateEnded, "fleet", "hf-1", std::vector<ByteArray<16>>(2 * kSerialsPerEventMax + 1),
              "all"};
  bench.write([&](ports::Transaction& tx) { return publish(tx, event, bench.now); });
  const auto events = bench.waiting();
  REQUIRE(events.size() == 3);
  CHECK(json::parse(as_bytes(events[2].payload))->find("serials")->array()->size() == 1);
}

TEST_CASE("a receiver that never answers costs a bounded queue: the oldest go first, with an audit entry") {
  WebhookBench bench;
  bench.hook();
  bench.write([&](ports::Transaction& tx) -> Result<void> {
    auto hook = *TRY(ports::Table<ports::WebhookRow>(tx).find("fleet", "broker"));
    for (std::int64_t i = 0; i < kEventsQueuedMax + 2; ++i) {
      TRY(enqueue(tx, hook, {EventType::CertificateEnded, "fleet", "hf-1", {}, "one of many"}, bench.now));
    }
    return {};
  });
  const auto events = bench.waiting();
  CHECK(std::cmp_equal(events.size(), kEventsQueuedMax));
  CHECK(events.front().sequence == 3);
  CHECK(bench.row().dropped == 2);
  CHECK(queued(bench.row()) == kEventsQueuedMax);
  CHECK(bench.audited("webhook.events-dropped") == 2);
}

}  // namespace holdfast::service::webhook
