// Idempotency-Key, as a caller sees it whose connection breaks, and as the store does.
#include "service/gateway/idempotency.h"

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "linux/store/sqlite/database.h"
#include "linux/system/random.h"
#include "ports/store/migration.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/kept_answer.h"
#include "service_world.h"
#include "temporary_folder.h"

namespace holdfast::service::gateway {
namespace {

using ports::ClaimTicketRow;
using ports::KeptAnswerRow;
using tests::kAcme;
using tests::reason_of;
using tests::ServiceWorld;

constexpr std::string_view kClaims = "/v1/catalogs/acme/claims";
constexpr std::string_view kKey = "6f1c2c0a";

std::string order(std::string_view life = "1h") {
  return cat(R"({"product":")", tests::kProduct, R"(","device_group":")", tests::kGroup, R"(","life":")", life, "\"}");
}

Request post(std::string_view token, std::string_view path, std::string_view body, std::string_view key) {
  Request out;
  out.method = "POST";
  out.path = path;
  out.authorization = cat("Bearer ", token);
  out.body = to_blob(as_bytes(body));
  out.idempotency_key = std::string(key);
  return out;
}

}  // namespace

TEST_CASE("the same request under the same key gets the first answer and has no second effect") {
  ServiceWorld world;
  const Request request = post(world.token("ada", Scope::Operate), kClaims, order(), kKey);
  const Response first = world.send(request);
  REQUIRE(first.status == 201);
  CHECK_FALSE(first.replayed);
  const auto entries = world.audited().size();
  world.pass(kAnswerKept - Duration(1));
  const Response again = world.send(request);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.replayed);
  CHECK(again.durable);
  CHECK(world.rows<ClaimTicketRow>(kAcme).size() == 1);
  CHECK(world.audited().size() == entries);
}

TEST_CASE("after a day the key is forgotten, and the request is another one") {
  ServiceWorld world;
  const Request request = post(world.token("ada", Scope::Operate), kClaims, order(), kKey);
  const Response first = world.send(request);
  world.pass(kAnswerKept);
  const Response later = world.send(request);
  CHECK(later.status == 201);
  CHECK_FALSE(later.replayed);
  CHECK(later.body != first.body);
  CHECK(world.rows<ClaimTicketRow>(kAcme).size() == 2);
  CHECK(world.rows<KeptAnswerRow>().size() == 1);
}

TEST_CASE("a key that came with another request is refused, whatever differs") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Operate);
  REQUIRE(world.send(post(token, kClaims, order(), kKey)).status == 201);
  const auto refused = [&](const Request& request) {
    const Response answer = world.send(request);
    CHECK(answer.status == 422);
    CHECK(reason_of(answer) == kIdempotencyKeyReused.word());
  };
  refused(post(token, kClaims, order("2h"), kKey));
  const std::string target = cat(R"({"product":")", tests::kProduct, R"(","device_group":")", tests::kGroup, "\"}");
  REQUIRE(world.send(post(token, kClaims, target, "another")).status == 201);
  refused(post(token, "/v1/catalogs/acme/devices/hf-x/move", target, "another"));
  CHECK(world.rows<ClaimTicketRow>(kAcme).size() == 2);
}

TEST_CASE("a key is its caller's own: another operator's is another key") {
  ServiceWorld world;
  const Response ada = world.send(post(world.token("ada", Scope::Operate), kClaims, order(), kKey));
  const Response ben = world.send(post(world.token("ben", Scope::Operate), kClaims, order(), kKey));
  CHECK(ben.status == 201);
  CHECK_FALSE(ben.replayed);
  CHECK(ben.body != ada.body);
}

TEST_CASE("an operator whose scope or token is gone does not get an answer of before") {
  ServiceWorld world;
  Request request = post(world.token("ada", Scope::Operate), kClaims, order(), kKey);
  REQUIRE(world.send(request).status == 201);
  REQUIRE(world.ask(world.token("own", Scope::Own), "DELETE", "/v1/operators/ada").status == 200);
  CHECK(world.send(request).status == 401);
}

TEST_CASE("a refusal is not remembered: what was wrong may be right the next time") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Operate);
  const Request request = post(token, "/v1/catalogs/acme/device-groups", R"({"product":"meter","name":"lab"})", kKey);
  CHECK(world.send(request).status == 404);
  CHECK(world.rows<KeptAnswerRow>().empty());
  REQUIRE(world.ask(token, "POST", "/v1/catalogs/acme/products", R"({"name":"meter"})").status == 201);
  CHECK(world.send(request).status == 201);
}

TEST_CASE("a key has 1 to 255 printable characters") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Operate);
  for (const std::string& key : {std::string(), std::string(256, 'a'), std::string("a\tb"), std::string("\xC3\xA4")}) {
    CHECK(reason_of(world.send(post(token, kClaims, order(), key))) == kIdempotencyKeyMalformed.word());
  }
  for (const std::string& key : {std::string("a"), std::string(255, '~'), std::string("a b")}) {
    CHECK(world.send(post(token, kClaims, order(), key)).status == 201);
  }
}

TEST_CASE("no secret of an answer lies in the store as it is, and a row opens only in its place") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Own);
  const Request request = post(token, "/v1/operators", R"({"name":"grace","scope":"read"})", kKey);
  const Response made = world.send(request);
  REQUIRE(made.status == 201);
  const auto body = json::parse(made.body);
  const std::string secret = *body->find("token")->text();
  auto row = world.rows<KeptAnswerRow>().front();
  CHECK(as_text(row.sealed_body).find(secret) == std::string_view::npos);
  // Somebody inside hands the answer to another operator.
  const std::string mallory = world.token("mallory", Scope::Own);
  row.caller = "operator:mallory";
  world.insert(row);
  const Response stolen = world.send(post(mallory, "/v1/operators", R"({"name":"grace","scope":"read"})", kKey));
  CHECK(stolen.status == 500);
  CHECK(as_text(stolen.body).find(secret) == std::string_view::npos);
}

TEST_CASE("what is kept of a caller is bounded: the oldest answer makes room") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Operate);
  KeptAnswerRow old;
  old.caller = "operator:ada";
  old.expires_at = world.now() + kAnswerKept;
  for (old.number = 1; old.number <= kAnswersPerCallerMax; ++old.number) {
    old.key = cat("key ", old.number);
    world.insert(old);
  }
  REQUIRE(world.send(post(token, kClaims, order(), kKey)).status == 201);
  CHECK(world.rows<KeptAnswerRow>("operator:ada").size() == kAnswersPerCallerMax);
  CHECK_FALSE(world.find<KeptAnswerRow>("operator:ada", "key 1"));
  CHECK(world.find<KeptAnswerRow>("operator:ada", "key 2"));
}

TEST_CASE("expired answers of anybody are swept away by whoever comes next") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Operate);
  REQUIRE(world.send(post(world.token("ben", Scope::Operate), kClaims, order(), "one")).status == 201);
  world.pass(kAnswerKept);
  REQUIRE(world.send(post(token, kClaims, order(), "two")).status == 201);
  CHECK(world.rows<KeptAnswerRow>("operator:ben").empty());
}

TEST_CASE("an effect and its answer are one transaction: what ran twice is done once") {
  ServiceWorld world;
  const Request request = post(world.token("ada", Scope::Operate), kClaims, order(), kKey);
  Blob first;
  world.before_next_write([&] { first = world.send(request).body; });
  const Response second = world.send(request);
  CHECK(second.replayed);
  CHECK(second.body == first);
  CHECK(world.rows<ClaimTicketRow>(kAcme).size() == 1);
}

TEST_CASE("many threads with one key make one ticket, on the store that ships") {
  tests::TemporaryFolder folder;
  const auto store =
      *linux::store::sqlite::Database::open({.path = (folder.path() / "store.db").string()}, ports::migrations());
  linux::system::SystemRandom random;
  ServiceWorld world(*store, random);
  const Request request = post(world.token("ada", Scope::Operate), kClaims, order(), kKey);
  std::vector<Response> answers(8);
  {
    std::vector<std::jthread> threads;
    for (Response& answer : answers) threads.emplace_back([&] { answer = world.send(request); });
  }
  CHECK(std::ranges::count(answers, 201, &Response::status) == 8);
  CHECK(std::ranges::count(answers, false, &Response::replayed) == 1);
  CHECK(std::ranges::count(answers, answers.front().body, &Response::body) == 8);
  CHECK(world.rows<ClaimTicketRow>(kAcme).size() == 1);
}

}  // namespace holdfast::service::gateway
