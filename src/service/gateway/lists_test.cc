// Every list, page by page and filtered.
#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/device.h"
#include "ports/store/shape.h"
#include "service/audit/audit.h"
#include "service/gateway/page.h"
#include "service_world.h"

namespace holdfast::service::gateway {
namespace {

using tests::kAcme;
using tests::reason_of;
using tests::ServiceWorld;

class Lists : public ServiceWorld {
 public:
  Response get(std::string_view list, std::string_view query) {
    return ask(token_, "GET", cat("/v1/catalogs/acme/", list), {}, query);
  }

  /// The member of every item, over as many pages as it takes.
  std::vector<std::string> walk(std::string_view list, std::string_view member, std::string_view query = {}) {
    std::vector<std::string> out;
    std::string after;
    pages = 0;
    for (; pages < 100; ++pages) {
      const Response answer = get(list, cat(query, query.empty() ? "" : "&", "after=", after));
      REQUIRE(answer.status == 200);
      const auto body = json::parse(answer.body, {.bytes_max = 16 * 1024 * 1024, .nodes_max = 1'000'000});
      REQUIRE(body);
      for (const json::Value& item : *body->find("items")->array()) out.push_back(*item.find(member)->text());
      const json::Value* next = body->find("next");
      if (next == nullptr) return out;
      after = *next->text();
    }
    return out;
  }

  void add_device(std::string_view name, std::optional<std::int64_t> verdict, std::optional<WallTime> seen = {},
                  std::string_view group = tests::kGroup) {
    ports::DeviceRow device;
    device.catalog = kAcme;
    device.device = name;
    device.ek_sha256[0] = static_cast<std::uint8_t>(++devices_);
    device.product = tests::kProduct;
    device.device_group = group;
    device.last_verdict = verdict;
    device.last_seen_at = seen;
    device.running = "[]";
    insert(device);
  }

  int pages = 0;

 private:
  std::string token_ = token("reader", Scope::Read);
  int devices_ = 0;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a list is whole over pages of any size, each item once, and its last page has no next") {
  Lists lists;
  Names expected;
  for (int i = 0; i < 12; ++i) {
    expected.push_back(cat("hf-", 10 + i));
    lists.add_device(expected.back(), i % 2);
  }
  for (const int limit : {1, 2, 3, 6, 12, 13, 1000}) {
    CAPTURE(limit);
    CHECK(lists.walk("devices", "device", cat("limit=", limit)) == expected);
    CHECK(lists.pages == (12 + limit - 1) / limit - 1);
    for (const std::string_view filter : {"verdict=update-only", "product=gateway", "state=enrolled"}) {
      const Names found = lists.walk("devices", "device", cat(filter, "&limit=", limit));
      CHECK(std::set<std::string>(found.begin(), found.end()).size() == found.size());
    }
  }
}

TEST_CASE("devices are found by product, group, state, verdict and when they were seen") {
  Lists lists;
  const WallTime now = lists.now();
  lists.add_device("hf-a", 0, now);
  lists.add_device("hf-b", 1, now - hours(2));
  lists.add_device("hf-c", {}, {});
  lists.add_device("hf-d", 1, now, "lab");
  auto held = *lists.find<ports::DeviceRow>(kAcme, "hf-a");
  held.state = ports::DeviceState::Held;
  lists.update(held);
  const auto found = [&](std::string_view query) { return lists.walk("devices", "device", query); };
  CHECK(found("verdict=healthy") == Names{"hf-a"});
  CHECK(found("verdict=update-only&limit=1") == Names{"hf-b", "hf-d"});
  CHECK(found("verdict=none") == Names{"hf-c"});
  CHECK(found("verdict=quarantined").empty());
  CHECK(found("state=held") == Names{"hf-a"});
  CHECK(found("device_group=lab") == Names{"hf-d"});
  CHECK(found(cat("product=", tests::kProduct, "&device_group=lab&limit=1")) == Names{"hf-d"});
  CHECK(found("product=another").empty());
  const std::string hour_ago = to_rfc3339(now - hours(1));
  CHECK(found(cat("seen_after=", hour_ago)) == Names{"hf-a", "hf-d"});
  CHECK(found(cat("seen_before=", hour_ago)) == Names{"hf-b", "hf-c"});
  CHECK(found(cat("seen_before=", hour_ago, "&verdict=update-only")) == Names{"hf-b"});
}

TEST_CASE("a filter that fits little answers with what it has and says that there is more") {
  Lists lists;
  ports::ClaimTicketRow row;
  row.catalog = kAcme;
  row.product = tests::kProduct;
  row.device_group = tests::kGroup;
  row.expires_at = lists.now() + hours(1);
  REQUIRE(lists.write([&](ports::Transaction& tx) -> Result<void> {
    for (std::uint32_t i = 0; i < 12'000; ++i) {
      row.ticket = to_hex(Blob{0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
      row.secret_sha256[0] = static_cast<std::uint8_t>(i >> 8);
      row.secret_sha256[1] = static_cast<std::uint8_t>(i);
      row.consumed_at = i == 11'999 ? std::optional(lists.now()) : std::nullopt;
      TRY(ports::Table<ports::ClaimTicketRow>(tx).insert(row));
    }
    return {};
  }));
  CHECK(lists.walk("claims", "ticket", "state=used") == Names{row.ticket});
  CHECK(lists.pages == 1);
}

TEST_CASE("claim tickets are found by what became of them") {
  Lists lists;
  const auto add = [&](std::string_view ticket, std::uint8_t n, Duration life, bool used) {
    ports::ClaimTicketRow row;
    row.catalog = kAcme;
    row.ticket = ticket;
    row.secret_sha256[0] = n;
    row.expires_at = lists.now() + life;
    if (used) row.consumed_at = lists.now();
    if (used) row.consumed_by = "hf-a";
    lists.insert(row);
  };
  add("open", 1, hours(1), false);
  add("used", 2, hours(-1), true);
  add("late", 3, Duration(0), false);
  for (const std::string_view state : {"open", "used", "expired"}) {
    const Names expected{state == "expired" ? "late" : std::string(state)};
    CHECK(lists.walk("claims", "ticket", cat("state=", state)) == expected);
  }
  CHECK(lists.walk("claims", "ticket", "device=hf-a") == Names{"used"});
}

TEST_CASE("a device's certificates are found by kind and state, the one that ends last first") {
  Lists lists;
  lists.add_device("hf-a", 0);
  for (std::uint8_t i = 0; i < 6; ++i) {
    ports::CertificateRow row;
    row.catalog = kAcme;
    row.device = "hf-a";
    row.serial[0] = i;
    row.sha256[0] = i;
    row.kind = static_cast<ports::CertificateKind>(i % 2);
    row.state = static_cast<ports::CertificateState>(i / 2);
    row.not_after = lists.now() + hours(i);
    lists.insert(row);
  }
  const std::string list = "devices/hf-a/certificates";
  CHECK(lists.walk(list, "state", "limit=4") ==
        Names{"revoked", "revoked", "superseded", "superseded", "valid", "valid"});
  CHECK(lists.walk(list, "kind", "state=valid&limit=1") == Names{"update", "client"});
  CHECK(lists.walk(list, "state", "kind=client&limit=2") == Names{"revoked", "superseded", "valid"});
  CHECK(lists.walk("certificates", "state", "limit=4") ==
        Names{"valid", "valid", "superseded", "superseded", "revoked", "revoked"});
  CHECK(lists.walk("certificates", "kind", "state=revoked&limit=1") == Names{"client", "update"});
  CHECK(lists.walk("certificates", "state", "kind=update&state=superseded") == Names{"superseded"});
}

TEST_CASE("audit records are found by action, actor, object and time, and their times need not rise") {
  Lists lists;
  const WallTime begin = lists.now() + hours(1);
  const auto note = [&](std::string_view subject, Duration after, std::string_view actor) {
    REQUIRE(lists.write([&](ports::Transaction& tx) {
      return audit::append(tx, {std::string(kAcme), std::string(actor), "test.noted", std::string(subject), {}},
                           begin + after);
    }));
  };
  for (int i = 0; i < 300; ++i) note(cat("s", i), minutes(i), i % 100 == 0 ? "operator:eve" : "operator:ada");
  note("behind", minutes(290), "operator:ada");  // by a process whose clock is behind
  const auto found = [&](std::string_view query) { return lists.walk("audit", "subject", query); };
  CHECK(found("actor=operator:eve&limit=2") == Names{"s0", "s100", "s200"});
  CHECK(found("subject=s7") == Names{"s7"});
  CHECK(found("action=catalog.created") == Names{std::string(kAcme)});
  const auto between = [&](int from, int to) {
    return found(cat("since=", to_rfc3339(begin + minutes(from)), "&until=", to_rfc3339(begin + minutes(to))));
  };
  CHECK(between(150, 152) == Names{"s150", "s151"});
  CHECK(between(290, 291) == Names{"s290", "behind"});
  CHECK(between(400, 500).empty());
  CHECK(found(cat("since=", to_rfc3339(begin + minutes(298)), "&limit=1")) == Names{"s298", "s299"});
}

TEST_CASE("a word that a filter does not know is refused, and so is a cursor that is none") {
  Lists lists;
  lists.add_device("hf-a", 0);
  for (const std::string_view query : {"verdict=good", "state=gone", "seen_after=yesterday", "after=hf-a", "after=W10",
                                       "after=WyJ0eCJd", "after=WyJpeCIsInRhIl0", "after=WyJ0b3RoZXIiLCJ0eCJd"}) {
    CAPTURE(query);
    CHECK(lists.get("devices", query).status == 400);
  }
  const std::string other = cursor_text(ports::record_of("other", "hf-0"));
  CHECK(reason_of(lists.get("devices", cat("after=", other))) == ports::kScanMalformed.word());
}

TEST_CASE("a cursor says a place exactly, whatever is in it") {
  ports::Record place = ports::record_of("a\"\\\n", std::int64_t{-7}, Blob{0, 255}, "");
  place.emplace_back();
  const auto read = parse_cursor(cursor_text(place));
  REQUIRE(read);
  CHECK(*read == place);
}

}  // namespace holdfast::service::gateway
