#include "rotation_fleet.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "service/access/access.h"
#include "trust/x509/request.h"

namespace holdfast::tests {
namespace {

using programs::simulation::Machine;
using service::Request;

constexpr std::string_view kPolicy = R"({"version":1,"client_life":"10min","update_life":"1h"})";
const std::string kAuthorities = "/v1/catalogs/acme/authorities";

const std::optional<wire::IssuedCertificate>& held(const Machine& machine, ports::KeyPurpose purpose) {
  static const std::optional<wire::IssuedCertificate> kNone;
  const auto& attested = machine.agent().records().get<device::record::Attested>();
  if (!attested) return kNone;
  return purpose == ports::KeyPurpose::ClientCa ? attested->result.client_certificate
                                                : attested->result.update_certificate;
}

const json::Value* find_authority(const json::Value& list, std::string_view authority, std::int64_t number) {
  for (const json::Value& item : *list.find("items")->array()) {
    if (*item.find("authority")->text() == authority && *item.find("number")->integer() == number) return &item;
  }
  return nullptr;
}

}  // namespace

RotationFleet::RotationFleet(std::uint64_t seed, int devices) : world_(seed) {
  REQUIRE(world_.found());
  REQUIRE(world_.host().store().write([&](ports::Transaction& tx) -> Result<void> {
    const service::Caller nobody = service::OperatorCaller{"ada", "", service::Scope::Own};
    token_ = TRY(
        service::access::add_operator(tx, world_.host().deps(), {"ada", "", service::Scope::Own, {}}, nobody, now()));
    return {};
  }));
  world_.host().store().flush([](const Result<void>&) {});
  told("POST", "/v1/catalogs/acme/policies/default", *json::parse(as_bytes(kPolicy)));
  for (int i = 0; i < devices; ++i) {
    machines_.push_back(*world_.new_machine(cat("device ", i)));
    machines_.back()->boot();
    due_.push_back(world_.clock().now());
  }
  run(minutes(20));
  for (const auto& machine : machines_) REQUIRE(programs::simulation::is_settled(*machine));
}

void RotationFleet::run(Duration time) {
  const Instant end = world_.clock().now() + time;
  while (true) {
    const auto next = std::ranges::min_element(due_);
    if (*next > end) break;
    world_.clock().advance_to(std::max(*next, world_.clock().now()));
    Machine& machine = *machines_[static_cast<std::size_t>(next - due_.begin())];
    *next = std::max(machine.step(), world_.clock().now() + Duration(1));
    let_relying_service_look(machine);
  }
  world_.clock().advance_to(end);
}

void RotationFleet::fetch_lists() {
  Request request;
  request.port = service::Port::Device;
  request.method = "GET";
  request.path = "/v1/crl/acme/client.pem";
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto answer = world_.host().deliver(request);
    if (!answer || answer->status != 200) continue;
    lists_ = *trust::x509::read_crls(as_text(answer->body));
    return;
  }
}

void RotationFleet::let_relying_service_look(const Machine& machine) {
  const auto& issued = held(machine, ports::KeyPurpose::ClientCa);
  if (!issued) return;
  const bool is_over = std::ranges::any_of(lists_, [&](const auto& list) { return list.next_update() <= now(); });
  if (lists_.empty() || is_over) fetch_lists();
  const auto leaf = *trust::x509::parse_certificate(issued->certificate);
  const auto issuer = *trust::x509::parse_certificate(issued->issuer);
  const auto list =
      std::ranges::find_if(lists_, [&](const auto& one) { return trust::x509::is_issuer_of(issuer, one); });
  std::string why;
  if (list == lists_.end()) {
    why = "no list of its issuer";
  } else if (const auto good = trust::x509::verify_crl(*list, issuer, now()); !good) {
    why = good.error().message;
  } else if (list->find(leaf.serial())) {
    why = "revoked";
  } else if (leaf.not_after() <= now()) {
    why = "over";
  }
  if (why.empty()) return;
  const std::string line = cat(issuer.subject_text(), " ", to_hex(leaf.serial()), ": ", why);
  if (std::ranges::find(refused_, line) == refused_.end()) refused_.push_back(line);
}

std::optional<service::Response> RotationFleet::ask(std::string_view method, std::string_view path,
                                                    const json::Value& body) {
  Request request;
  request.method = method;
  request.path = path;
  request.authorization = cat("Bearer ", token_);
  request.body = to_blob(as_bytes(json::dump(body)));
  return world_.host().deliver(request);
}

json::Value RotationFleet::told(std::string_view method, std::string_view path, const json::Value& body) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto answer = ask(method, path, body);
    if (!answer || answer->status >= 500) continue;
    CAPTURE(to_text(answer->body));
    REQUIRE(answer->status < 300);
    return *json::parse(answer->body);
  }
  FAIL("never answered: ", path);
  return {};
}

void RotationFleet::certify_next(std::string_view authority, std::string_view state) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto list = ask("GET", kAuthorities);
    if (!list || list->status != 200) continue;
    const json::Value known = *json::parse(list->body);
    for (const json::Value& item : *known.find("items")->array()) {
      if (*item.find("authority")->text() == authority && *item.find("state")->text() == state) return;
    }
    const auto prepared = ask("POST", cat(kAuthorities, "/", authority, "/prepare"));
    if (!prepared || prepared->status != 200) continue;
    const auto body = *json::parse(prepared->body);
    const auto request = *trust::x509::parse_request(*from_base64(*body.find("request")->text()));
    const auto purpose = authority == "client" ? ports::KeyPurpose::ClientCa : ports::KeyPurpose::UpdateCa;
    const auto made = world_.owner().certified(purpose, *body.find("number")->integer(), request.key.spki(), now());
    REQUIRE(made);
    const auto put =
        ask("PUT", cat(kAuthorities, "/", authority, "/certificate"),
            json::Object{
                {"certificate", to_base64(made->certificate)}, {"root", to_base64(made->root)}, {"announce", "10min"}});
    if (put && put->status == 200) return;
  }
  FAIL("the rotation never came to its end");
}

void RotationFleet::retire(std::string_view authority, std::int64_t number) {
  told("POST", cat(kAuthorities, "/", authority, "/", number, "/retire"));
}

void RotationFleet::distrust(std::string_view authority, std::int64_t number) {
  const std::string path = cat(kAuthorities, "/", authority, "/", number, "/distrust");
  while (*told("POST", path, json::Object{{"reason", "its server was broken into"}}).find("left")->boolean()) continue;
}

std::string RotationFleet::state_of(std::string_view authority, std::int64_t number) {
  const auto list = told("GET", kAuthorities);
  const json::Value* found = find_authority(list, authority, number);
  return found == nullptr ? "nowhere" : *found->find("state")->text();
}

std::vector<std::string> RotationFleet::issuers(ports::KeyPurpose purpose) {
  std::vector<std::string> out;
  for (const auto& machine : machines_) {
    const auto& issued = held(*machine, purpose);
    out.push_back(issued ? *trust::x509::parse_certificate(issued->issuer)->subject_common_name() : "none");
  }
  return out;
}

int RotationFleet::refused_check_ins() {
  int out = 0;
  for (const std::string_view status : {"400", "401", "403", "404", "409", "429"}) {
    out += world_.host().metrics().of("holdfast_requests_total", "/v1/check-in", status);
  }
  return out;
}

}  // namespace holdfast::tests
