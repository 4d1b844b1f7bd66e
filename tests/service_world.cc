#include "service_world.h"

#include "ports/store/rows/audit.h"
#include "service/access/access.h"
#include "trust/audit/chain.h"

namespace holdfast::tests {
namespace {

/// 2026-11-23T00:00:00Z.
constexpr WallTime kStart = WallTime::from_seconds(1'795'392'000);

service::Settings settings() {
  service::Settings out;
  out.device_urls = {"https://service.test:8443"};
  out.crl_url = out.device_urls.front();
  return out;
}

}  // namespace

ServiceWorld::ServiceWorld() : ServiceWorld(memory_, service_random_) {}

ServiceWorld::ServiceWorld(ports::Store& store, ports::Random& random)
    : seeded_(1),
      service_random_(seeded_.fork("service")),
      clock_(kStart),
      settings_(settings()),
      keyring_(Secret(Blob(service::kServiceKeyBytes, 0x5A)), random),
      deps_{store, random, keyring_, issuers_, documents_, settings_, metrics_, images_},
      gateway_(deps_),
      owner_(seeded_.fork("owner")) {
  REQUIRE(owner_.found_catalog(deps_, now()));
}

programs::simulation::Owner& ServiceWorld::other_owner() {
  if (!other_owner_) {
    other_owner_.emplace(seeded_.fork("other owner"), kOther);
    REQUIRE(other_owner_->found_catalog(deps_, now()));
  }
  return *other_owner_;
}

service::Response ServiceWorld::ask(std::string_view token, std::string_view method, std::string_view path,
                                    std::string_view body, std::string_view query) {
  service::Request request;
  request.method = method;
  request.path = path;
  request.query = query;
  request.authorization = std::string("Bearer ").append(token);
  request.body = to_blob(as_bytes(body));
  return send(request);
}

std::string ServiceWorld::token(std::string name, service::Scope scope, std::string_view catalog,
                                std::optional<WallTime> expires) {
  std::string out;
  REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(service::access::add_operator(tx, deps_, {name, std::string(catalog), scope, expires}, kAda, now()));
    return {};
  }));
  return out;
}

void ServiceWorld::before_next_write(std::function<void()> somebody) {
  memory_.set_faults(
      {.before_each_step = [this, somebody = std::move(somebody)](std::string_view step) -> Result<void> {
        if (step != "write") return {};
        const auto once = somebody;
        memory_.set_faults({});
        once();
        return {};
      }});
}

std::vector<std::string> ServiceWorld::audited(std::string_view chain, std::size_t after) {
  std::vector<std::string> out;
  Digest256 hash{};
  for (const auto& row : rows<ports::AuditRow>(chain)) {
    hash = trust::audit::hash_of(hash,
                                 {row.catalog, row.sequence, row.at, row.actor, row.action, row.subject, row.detail});
    REQUIRE(row.hash == hash);
    if (static_cast<std::size_t>(row.sequence) > after) out.push_back(row.action);
  }
  return out;
}

std::string reason_of(const service::Response& response) {
  const auto body = json::parse(response.body);
  if (response.content_type != "application/problem+json" || !body) return {};
  const json::Value* title = body->find("title");
  return title != nullptr && title->text() != nullptr ? *title->text() : std::string();
}

}  // namespace holdfast::tests
