// A catalog with webhooks on the store in memory, receivers that a test writes down, and a clock that it sets.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "ports/store/rows/audit.h"
#include "ports/store/rows/catalog.h"
#include "service/appraise/documents.h"
#include "service/identity/certificates.h"
#include "service/identity/issuers.h"
#include "service/webhook/delivery.h"
#include "service/webhook/webhooks.h"
#include "sim/callout/scripted_callout.h"
#include "sim/images/memory_image_files.h"
#include "sim/metrics/counts.h"
#include "sim/random/seeded_random.h"
#include "sim/store/memory_store.h"

namespace holdfast::test {

namespace webhook = service::webhook;

struct WebhookBench {
  static constexpr std::string_view kCatalog = "fleet";
  static constexpr std::string_view kDevice = "hf-0000-0000-0000-0001";

  sim::store::MemoryStore store;
  sim::random::SeededRandom random{1};
  service::Keyring keyring{Secret(Blob(service::kServiceKeyBytes, 0x5A)), random};
  service::identity::Issuers issuers;
  service::appraise::Documents documents;
  service::Settings settings;
  sim::metrics::Counts metrics;
  sim::images::MemoryImageFiles images;
  service::Deps deps{store, random, keyring, issuers, documents, settings, metrics, images};
  sim::callout::ScriptedCallout callout;
  WallTime now = WallTime::from_seconds(1'800'000'000);
  service::Caller owner = service::OperatorCaller{"ada", "", service::Scope::Own};

  WebhookBench() {
    for (const std::string_view name : {kCatalog, std::string_view("other")}) {
      ports::CatalogRow row;
      row.name = name;
      write([&](ports::Transaction& tx) { return ports::Table<ports::CatalogRow>(tx).insert(row); });
    }
    callout.resolves("hooks.example", {{"93.184.216.34"}});
  }
  WebhookBench(const WebhookBench&) = delete;
  WebhookBench& operator=(const WebhookBench&) = delete;

  void write(const ports::Work& work) {
    const auto done = store.write(work);
    REQUIRE_MESSAGE(done, (done ? "" : done.error().message));
  }

  Result<webhook::MadeWebhook> create(webhook::NewWebhook order) {
    std::optional<webhook::MadeWebhook> out;
    const auto done = store.write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(webhook::create_webhook(tx, deps, order, owner, now));
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return *std::move(out);
  }
  /// For every event; the secret, as it is shown.
  std::string hook(std::string name = "broker", std::string url = "https://hooks.example/in",
                   std::string_view catalog = kCatalog) {
    const auto made =
        create({std::string(catalog), std::move(name), std::move(url), {}, {"certificate-ended", "device-held"}});
    REQUIRE(made);
    return made->secret;
  }
  ports::WebhookRow row(std::string_view name = "broker", std::string_view catalog = kCatalog) {
    std::optional<ports::WebhookRow> out;
    write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(ports::Table<ports::WebhookRow>(tx).find(catalog, name));
      return {};
    });
    REQUIRE(out);
    return *out;
  }

  void publish(std::string reason = "a test", std::string_view catalog = kCatalog) {
    write([&](ports::Transaction& tx) {
      return webhook::publish(tx,
                              {webhook::EventType::CertificateEnded,
                               std::string(catalog),
                               std::string(kDevice),
                               {ByteArray<16>{0x10}},
                               reason},
                              now);
    });
  }

  /// A client certificate in force.
  void certify(std::uint8_t serial, ports::CertificateKind kind = ports::CertificateKind::Client) {
    ports::CertificateRow certificate;
    certificate.catalog = kCatalog;
    certificate.serial = ByteArray<16>{0x10, serial};
    certificate.sha256 = Digest256{serial};
    certificate.device = kDevice;
    certificate.kind = kind;
    certificate.not_before = now - hours(1);
    certificate.not_after = now + hours(24);
    write([&](ports::Transaction& tx) { return ports::Table<ports::CertificateRow>(tx).insert(certificate); });
  }
  ports::CertificateState state_of(std::uint8_t serial) {
    std::optional<ports::CertificateRow> out;
    write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(ports::Table<ports::CertificateRow>(tx).find(kCatalog, ByteArray<16>{0x10, serial}));
      return {};
    });
    REQUIRE(out);
    return out->state;
  }
  Result<void> supersede(bool everything, std::string_view reason) {
    return store.write([&](ports::Transaction& tx) {
      return service::identity::supersede(tx, kCatalog, kDevice, everything, reason, now);
    });
  }

  /// One turn of the deliverer; nothing where nothing was due.
  std::optional<webhook::Outcome> deliver() {
    const auto delivery = webhook::claim(deps, now);
    REQUIRE(delivery);
    if (!*delivery) return {};
    const auto outcome = webhook::attempt(deps, callout, **delivery, now);
    REQUIRE(webhook::record(deps, **delivery, outcome, now));
    return outcome;
  }
  /// The bodies of what was posted.
  std::vector<json::Value> told() const {
    std::vector<json::Value> out;
    for (const auto& request : callout.posted) out.push_back(*json::parse(request.body));
    return out;
  }
  std::vector<std::string> reasons_told() const {
    std::vector<std::string> out;
    for (const auto& value : told()) out.push_back(*value.find("reason")->text());
    return out;
  }
  std::vector<ports::WebhookEventRow> waiting(std::string_view name = "broker") {
    std::vector<ports::WebhookEventRow> out;
    write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(ports::Table<ports::WebhookEventRow>(tx).scan(
          {.prefix = ports::record_of(kCatalog, name), .limit = ports::kScanRowsMax}));
      return {};
    });
    return out;
  }
  std::vector<ports::AuditRow> audit() {
    std::vector<ports::AuditRow> out;
    write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(
          ports::Table<ports::AuditRow>(tx).scan({.prefix = ports::record_of(kCatalog), .limit = ports::kScanRowsMax}));
      return {};
    });
    return out;
  }
  std::ptrdiff_t audited(std::string_view action) {
    return std::ranges::count(audit(), action, &ports::AuditRow::action);
  }
};

}  // namespace holdfast::test
