#include "service/webhook/delivery.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "fails_with.h"
#include "service/webhook/addresses.h"
#include "service/webhook/signature.h"
#include "webhook_bench.h"

namespace holdfast::service::webhook {
namespace {

using Reasons = std::vector<std::string>;
using test::WebhookBench;

auto answers(int status) {
  return [status](const ports::CalloutRequest&) -> Result<int> { return status; };
}

std::string header(const ports::CalloutRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("an event is delivered once, to the host that the webhook names, signed with its secret") {
  WebhookBench bench;
  const std::string shown = bench.hook("broker", "https://hooks.example:8443/in?key=k");
  bench.publish("why");
  REQUIRE(bench.deliver());
  CHECK_FALSE(bench.deliver());
  REQUIRE(bench.callout.posted.size() == 1);
  const auto& request = bench.callout.posted[0];
  CHECK(request.host == "hooks.example");
  CHECK(request.port == 8443);
  CHECK(request.target == "/in?key=k");
  CHECK(std::holds_alternative<ports::PeerPublic>(request.peer));
  const Secret secret(*from_base64(shown.substr(kSecretPrefix.size())));
  CHECK(header(request, "webhook-timestamp") == cat(bench.now.whole_seconds()));
  CHECK(header(request, "webhook-signature") ==
        signature(secret, header(request, "webhook-id"), bench.now.whole_seconds(), as_text(request.body)));
  CHECK(header(request, "webhook-id") == *bench.told()[0].find("id")->text());
  CHECK(bench.waiting().empty());
}

TEST_CASE("a name that is rebound after it was checked is not dialled where it points then") {
  WebhookBench bench;
  bench.hook();
  bench.callout.resolves("hooks.example", {{"93.184.216.34"}, {"127.0.0.1"}});
  bench.publish();
  bench.publish();
  REQUIRE(bench.deliver());
  REQUIRE(bench.callout.looked_up.size() == 1);
  REQUIRE(bench.callout.posted.size() == 1);
  CHECK(bench.callout.posted[0].address == *ports::parse_ip_address("93.184.216.34"));
  // The next delivery looks again, and what it sees now is what it judges.
  const auto refused = bench.deliver();
  REQUIRE(refused);
  CHECK(refused->problem == kWebhookAddressRefused.word());
  CHECK(bench.callout.posted.size() == 1);
}

TEST_CASE("of a name with a public and a private address the private one is never dialled") {
  WebhookBench bench;
  bench.hook();
  bench.callout.resolves("hooks.example", {{"10.0.0.1", "93.184.216.34", "::1", "2606:4700::1"}});
  bench.callout.answers(answers(500));
  bench.publish();
  for (int i = 0; i < 6; ++i) {
    REQUIRE(bench.deliver());
    bench.now = bench.now + kBackoffMax;
  }
  for (const auto& request : bench.callout.posted) CHECK(is_public(request.address));
  CHECK(bench.callout.posted[0].address != bench.callout.posted[1].address);
}

TEST_CASE("a refused address is tried again, and leaves one audit entry until it is allowed") {
  WebhookBench bench;
  bench.hook();
  bench.callout.resolves("hooks.example", {{"169.254.169.254"}});
  bench.publish();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(bench.deliver());
    bench.now = bench.now + kBackoffMax;
  }
  CHECK(bench.callout.posted.empty());
  CHECK(bench.audited("webhook.refused") == 1);
  CHECK(bench.row().last_problem == kWebhookAddressRefused.word());
  bench.settings.webhook_allow = {*ports::parse_address_range("169.254.169.254/32")};
  REQUIRE(bench.deliver());
  CHECK(bench.callout.posted.size() == 1);
  CHECK(bench.waiting().empty());
}

TEST_CASE("an address in the URL is judged at each delivery, without a look-up") {
  WebhookBench bench;
  bench.settings.webhook_allow = {*ports::parse_address_range("10.0.0.0/8")};
  bench.hook("broker", "https://10.1.2.3/");
  bench.settings.webhook_allow.clear();
  bench.publish();
  CHECK(bench.deliver()->problem == kWebhookAddressRefused.word());
  CHECK(bench.callout.looked_up.empty());
  CHECK(bench.callout.posted.empty());
}

TEST_CASE("a redirect to an internal service is not followed and not a success") {
  WebhookBench bench;
  bench.hook();
  bench.callout.answers(answers(302));
  bench.publish();
  REQUIRE(bench.deliver());
  CHECK_FALSE(bench.deliver());
  CHECK(bench.callout.posted.size() == 1);
  CHECK(bench.row().last_status == 302);
  CHECK(bench.waiting().size() == 1);
}

TEST_CASE("what an internal service answers is not read through the error text") {
  WebhookBench bench;
  bench.hook();
  bench.callout.answers([](const ports::CalloutRequest&) -> Result<int> {
    return fail(Next::Corrupt, ports::kNetAnswerMalformed, "expected HTTP, saw SSH-2.0-internal");
  });
  bench.publish();
  CHECK(bench.deliver()->problem == "net-answer-malformed");
  const auto row = bench.row();
  CHECK(row.last_problem == "net-answer-malformed");
  CHECK_FALSE(row.last_status);
  for (const auto& entry : bench.audit()) CHECK(entry.detail.find("SSH") == std::string::npos);
}

TEST_CASE("events arrive in their order, and the one that failed comes again with the same id") {
  WebhookBench bench;
  bench.hook();
  bench.callout.answers(answers(503));
  bench.publish("first");
  bench.publish("second");
  REQUIRE(bench.deliver());
  CHECK_FALSE(bench.deliver());
  bench.callout.answers(answers(200));
  bench.now = bench.now + kBackoffFirst;
  REQUIRE(bench.deliver());
  REQUIRE(bench.deliver());
  CHECK_FALSE(bench.deliver());
  CHECK(bench.reasons_told() == Reasons{"first", "first", "second"});
  const auto told = bench.told();
  CHECK(*told[0].find("id") == *told[1].find("id"));
  CHECK(*told[1].find("id") != *told[2].find("id"));
  CHECK(*told[1].find("sequence")->integer() == 1);
  CHECK(*told[2].find("sequence")->integer() == 2);
}

TEST_CASE("each failure waits longer, with chance in it, and never longer than the bound") {
  WebhookBench bench;
  bench.hook();
  bench.callout.answers(answers(500));
  bench.publish();
  Duration longest = kBackoffFirst;
  bool is_jittered = false;
  for (int i = 0; i < 12; ++i) {
    REQUIRE(bench.deliver());
    const auto row = bench.row();
    const Duration wait = row.due_at - bench.now;
    CAPTURE(i);
    CHECK(wait >= longest / 2);
    CHECK(wait <= longest);
    if (wait != longest && wait != longest / 2) is_jittered = true;
    bench.now = row.due_at - Duration(1);
    CHECK_FALSE(bench.deliver());
    bench.now = row.due_at;
    longest = std::min<Duration>(longest * 2, kBackoffMax);
  }
  CHECK(is_jittered);
  CHECK(longest == kBackoffMax);
  bench.callout.answers(answers(200));
  REQUIRE(bench.deliver());
  CHECK(bench.row().failures == 0);
}

TEST_CASE("an event that nobody takes for three days is given up with an audit entry, and the next one goes on") {
  WebhookBench bench;
  bench.hook();
  bench.callout.answers(answers(500));
  bench.publish("old");
  REQUIRE(bench.deliver());
  bench.now = bench.now + kEventAgeMax;
  bench.publish("young");
  REQUIRE(bench.deliver());
  CHECK(bench.reasons_told().back() == "old");
  CHECK(bench.row().dropped == 0);
  bench.callout.answers(answers(200));
  bench.now = bench.now + kBackoffMax;
  REQUIRE(bench.deliver());
  CHECK(bench.reasons_told().back() == "young");
  CHECK(bench.row().dropped == 1);
  CHECK(bench.audited("webhook.events-dropped") == 1);
  CHECK(bench.waiting().empty());
}

TEST_CASE("a deliverer that is killed between claim and record leaves the event to the next, after its lease") {
  WebhookBench bench;
  bench.hook();
  bench.publish();
  const auto lost = claim(bench.deps, bench.now);
  REQUIRE((lost && *lost));
  CHECK_FALSE(bench.deliver());
  bench.now = bench.now + kLease;
  REQUIRE(bench.deliver());
  CHECK(bench.callout.posted.size() == 1);
  CHECK(bench.waiting().empty());
}

TEST_CASE("a power cut before the claim was durable loses no event") {
  WebhookBench bench;
  bench.hook();
  bench.publish();
  bench.store.flush([](const Result<void>&) {});
  REQUIRE(claim(bench.deps, bench.now));
  bench.store.crash(0);
  REQUIRE(bench.deliver());
  CHECK(bench.callout.posted.size() == 1);
}

TEST_CASE("a claim that outlived its lease changes nothing of what another delivered") {
  WebhookBench bench;
  bench.hook();
  bench.publish("first");
  bench.publish("second");
  const auto slow = claim(bench.deps, bench.now);
  REQUIRE((slow && *slow));
  bench.now = bench.now + kLease;
  REQUIRE(bench.deliver());
  const auto before = bench.row();
  REQUIRE(record(bench.deps, **slow, {200, {}}, bench.now));
  REQUIRE(record(bench.deps, **slow, {{}, "net-timeout"}, bench.now));
  CHECK(bench.row().first_sequence == before.first_sequence);
  CHECK(bench.row().failures == 0);
  CHECK(bench.waiting().size() == 1);
}

TEST_CASE("a webhook that was made anew under the same name is not changed by a delivery to the old one") {
  WebhookBench bench;
  bench.hook();
  bench.publish("for the old one");
  const auto old = claim(bench.deps, bench.now);
  REQUIRE((old && *old));
  const auto row = bench.row();
  bench.write([&](ports::Transaction& tx) { return delete_webhook(tx, row, bench.owner, bench.now); });
  CHECK(bench.waiting().empty());
  bench.hook();
  bench.publish("for the new one");
  REQUIRE(record(bench.deps, **old, {200, {}}, bench.now));
  CHECK(bench.waiting().size() == 1);
  REQUIRE(bench.deliver());
  CHECK(*bench.told()[0].find("id")->text() != event_id((*old)->hook, 1));
}

TEST_CASE("one receiver that fails holds up no other") {
  WebhookBench bench;
  bench.hook("broken", "https://broken.example/");
  bench.hook("sound");
  bench.publish();
  while (bench.deliver()) {
  }
  CHECK(bench.row("broken").last_problem == ports::kCalloutNameUnknown.word());
  CHECK(bench.waiting("broken").size() == 1);
  CHECK(bench.waiting("sound").empty());
}

TEST_CASE("a secret that this service key did not seal signs nothing and holds up nobody") {
  WebhookBench bench;
  bench.hook();
  bench.write([&](ports::Transaction& tx) -> Result<void> {
    auto hook = *TRY(ports::Table<ports::WebhookRow>(tx).find("fleet", "broker"));
    hook.sealed_secret.back() = static_cast<std::uint8_t>(hook.sealed_secret.back() ^ 1);
    return ports::Table<ports::WebhookRow>(tx).update(hook);
  });
  bench.publish();
  REQUIRE(bench.deliver());
  CHECK_FALSE(bench.deliver());
  CHECK(bench.callout.posted.empty());
  CHECK(bench.row().failures == 1);
}

TEST_CASE("a clock that was far ahead for an hour does not hold up what it scheduled") {
  WebhookBench bench;
  bench.hook();
  bench.callout.answers(answers(500));
  const WallTime right = bench.now;
  bench.now = bench.now + days(365 * 60);
  bench.publish();
  REQUIRE(bench.deliver());
  bench.now = right;
  bench.hook("second");
  bench.publish();
  bench.write([&](ports::Transaction& tx) -> Result<void> {
    auto waits = *TRY(ports::Table<ports::WebhookRow>(tx).find("fleet", "second"));
    waits.due_at = right + seconds(1);
    return ports::Table<ports::WebhookRow>(tx).update(waits);
  });
  bench.callout.answers(answers(200));
  REQUIRE(bench.deliver());
  REQUIRE(bench.deliver());
  CHECK(bench.waiting().empty());
  CHECK(bench.waiting("second").size() == 1);
}

TEST_CASE("a test event goes out at once, behind what waits, and is refused where it would push something out") {
  WebhookBench bench;
  bench.hook();
  bench.callout.answers(answers(500));
  bench.publish("real");
  REQUIRE(bench.deliver());
  const auto test = [&] {
    return bench.store.write([&](ports::Transaction& tx) -> Result<void> {
      const auto hook = *TRY(ports::Table<ports::WebhookRow>(tx).find("fleet", "broker"));
      TRY(test_webhook(tx, hook, bench.owner, bench.now));
      return {};
    });
  };
  REQUIRE(test());
  bench.callout.answers(answers(200));
  REQUIRE(bench.deliver());
  REQUIRE(bench.deliver());
  CHECK(*bench.told()[1].find("type")->text() == "certificate-ended");
  CHECK(*bench.told()[2].find("type")->text() == "test");
  CHECK(bench.audited("webhook.tested") == 1);
  bench.write([&](ports::Transaction& tx) -> Result<void> {
    auto hook = *TRY(ports::Table<ports::WebhookRow>(tx).find("fleet", "broker"));
    hook.next_sequence = hook.first_sequence + kEventsQueuedMax;
    return ports::Table<ports::WebhookRow>(tx).update(hook);
  });
  CHECK(fails_with(test(), kWebhookQueueFull));
}

}  // namespace holdfast::service::webhook
