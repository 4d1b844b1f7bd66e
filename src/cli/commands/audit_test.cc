#include <doctest/doctest.h>

#include "base/encoding.h"
#include "cli/memory_world.h"
#include "owner_keys.h"
#include "trust/audit/chain.h"

namespace holdfast::cli::commands {
namespace {

namespace chain = trust::audit;
using test::CommandLine;
using Request = test::ScriptedService::Request;

constexpr std::size_t kPage = 3;

/// A service's chain of `fleet`, as it answers for it, in pages.
struct Chain {
  std::vector<json::Value> items;
  chain::Head head;

  Chain(CommandLine& line, int count) {
    line.log_in("fleet");
    for (int i = 1; i <= count; ++i) items.push_back(item(i, "operator:ada"));
    rebuild();
    line.service.rows["GET /v1/catalogs/fleet/audit"] = [this](const Request& request) { return page(request); };
    line.service.rows["GET /v1/catalogs/fleet/audit/head"] = [this](const Request&) { return signed_head(); };
  }

  static json::Value item(std::int64_t sequence, std::string_view actor) {
    return json::Object{{"catalog", "fleet"}, {"sequence", sequence},    {"at_ms", sequence * 1000},
                        {"at", "then"},       {"actor", actor},          {"action", "device.held"},
                        {"subject", "hf-1"},  {"detail", "{\"a\":\"\"}"}};
  }

  /// Hashes everything anew, and ends at the last.
  void rebuild() {
    head = {"fleet", 0, {}};
    for (json::Value& one : items) {
      one.set("sequence", head.sequence + 1);
      const chain::Record record{"fleet",
                                 head.sequence + 1,
                                 WallTime{*one.find("at_ms")->integer()},
                                 *one.find("actor")->text(),
                                 *one.find("action")->text(),
                                 *one.find("subject")->text(),
                                 *one.find("detail")->text()};
      head.hash = chain::hash_of(head.hash, record);
      ++head.sequence;
      one.set("hash", to_hex(head.hash));
    }
  }

  json::Value page(const Request& request) const {
    const std::size_t at = request.line.find("after=");
    const std::int64_t after = at == std::string::npos ? 0 : std::stoll(request.line.substr(at + 6));
    json::Array out;
    for (const json::Value& one : items) {
      if (*one.find("sequence")->integer() > after && out.size() < kPage) out.push_back(one);
    }
    return json::Object{{"items", std::move(out)}};
  }

  json::Value signed_head() const {
    const auto key = holder(1);
    const auto signature = key.sign(trust::crypto::HashAlgorithm::Sha256, as_bytes(chain::head_statement(head)));
    return json::Object{{"catalog", head.catalog},
                        {"sequence", head.sequence},
                        {"hash", to_hex(head.hash)},
                        {"signature", to_base64(*signature)},
                        {"public_key", to_base64(key.public_key().spki())}};
  }
};

std::int64_t remembered(CommandLine& line) {
  const auto config = parse_config(line.files.files.at("config.json").bytes);
  const auto known = config->catalogs.find("fleet");
  return known == config->catalogs.end() || !known->second.audit ? 0 : known->second.audit->head.sequence;
}

int verify(CommandLine& line) { return line.run({"audit", "verify"}); }

}  // namespace

TEST_CASE("a whole chain is verified over every page, and its head is remembered") {
  CommandLine line;
  Chain chain(line, 8);
  CHECK(verify(line) == 0);
  CHECK(remembered(line) == 8);
  chain.items.push_back(Chain::item(9, "operator:bea"));
  chain.rebuild();
  CHECK(verify(line) == 0);
  CHECK(remembered(line) == 9);
}

TEST_CASE("the service's own chain is listed where no catalog was ever chosen") {
  CommandLine line;
  line.log_in("");
  line.service.rows["GET /v1/catalogs/_service/audit"] = [](const Request&) {
    return json::Value(json::Object{{"items", json::Array{Chain::item(1, "service")}}});
  };
  CHECK(line.run({"audit", "list", "--service"}) == 0);
  CHECK(line.run({"audit", "list"}) == 2);
}

TEST_CASE("a removed, changed or reordered record is a broken chain, and what was seen stays remembered") {
  const auto broken = [](auto forge) {
    CommandLine line;
    Chain chain(line, 8);
    REQUIRE(verify(line) == 0);
    forge(chain.items);
    CHECK(verify(line) == 1);
    CHECK(remembered(line) == 8);
  };
  broken([](auto& items) { items.erase(items.begin() + 4); });
  broken([](auto& items) { items[4].set("actor", "operator:eve"); });
  broken([](auto& items) { items[4].set("at_ms", std::int64_t{1}); });
  broken([](auto& items) { std::swap(items[4], items[5]); });
  broken([](auto& items) { items.pop_back(); });
  broken([](auto& items) { items.clear(); });
}

TEST_CASE("a chain that was truncated or rebuilt with the service's keys is noticed by who saw it before") {
  CommandLine line;
  Chain chain(line, 8);
  REQUIRE(verify(line) == 0);
  chain.items.pop_back();
  chain.rebuild();
  CHECK(verify(line) == 1);
  chain.items.push_back(Chain::item(8, "operator:eve"));
  chain.items.push_back(Chain::item(9, "operator:ada"));
  chain.rebuild();
  CHECK(verify(line) == 1);
  CHECK(remembered(line) == 8);
}

TEST_CASE("a service that never comes to its head is not asked for ever") {
  CommandLine line;
  Chain chain(line, 4);
  chain.head.sequence = 1'000'000;
  line.service.rows["GET /v1/catalogs/fleet/audit"] = [&](const Request&) {
    return json::Object{{"items", json::Array{chain.items[0]}}};
  };
  CHECK(verify(line) == 1);
  CHECK(line.service.requests.size() < 5);
}

}  // namespace holdfast::cli::commands
