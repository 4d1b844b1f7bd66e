// Every route, called by everybody. The list of routes is written out here a second time on purpose: a new route fails
// until somebody has said here whom it admits.
#include <doctest/doctest.h>

#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/certificate.h"
#include "service/access/access.h"
#include "service/appraise/attest.h"
#include "service/claim/enroll.h"
#include "service/claim/release.h"
#include "service/est/enroll.h"
#include "service/est/settings.h"
#include "service/gateway/gateway.h"
#include "service/gateway/pinned_routes_test.h"
#include "service/identity/authorities.h"
#include "service/identity/certificates.h"
#include "service/moving/arrive.h"
#include "service/moving/leave.h"
#include "service_world.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::gateway {
namespace {

using tests::kAcme;
using tests::kOther;
using tests::reason_of;
using tests::ServiceWorld;

constexpr std::string_view kBrokenBody = "{\"never\": ";

/// The pattern with a name in each place: `acme` for the catalog, and for all else one that nothing has.
std::string path_of(std::string_view pattern) {
  std::vector<std::string> out;
  for (const std::string_view segment : split(pattern, '/')) {
    const bool is_number = segment == "{number}";
    out.emplace_back(segment == "{catalog}" ? kAcme : is_number ? "7" : segment.starts_with('{') ? "nobody" : segment);
  }
  return join(out, "/");
}

/// A caller: what they show, and what a route of each kind answers them.
struct Somebody {
  std::string_view name;
  std::string authorization;
  std::optional<Blob> certificate;
  Expected at_device;                ///< by Who::Device
  std::map<Who, Expected> refused;   ///< by operators' routes that do not let them in
  std::string_view catalog = kAcme;  ///< of a device
};

constexpr Expected kUnknown{401, kCallerUnknown.word()};
constexpr Expected kNotAllowed{403, kCallerNotAllowed.word()};
constexpr Expected kLetIn{0, ""};

std::map<Who, Expected> refused_by(Expected with, std::initializer_list<Who> routes) {
  std::map<Who, Expected> out;
  for (const Who who : routes) out.emplace(who, with);
  return out;
}
constexpr auto kEveryOperatorRoute = {Who::Read,         Who::Operate,        Who::Own,
                                      Who::ReadAnywhere, Who::ReadEverywhere, Who::OwnEverywhere};

class Crowd {
 public:
  explicit Crowd(ServiceWorld& world) : world_(world) {
    world_.other_owner();
    strangers();
    operators();
    devices();
  }

  std::vector<Somebody> all;

 private:
  void strangers() {
    add_stranger("nobody", "");
    add_stranger("another scheme", "Basic YWRhOmFkYQ==");
    add_stranger("an empty token", "Bearer ");
    add_stranger("a lower-case scheme", "bearer " + world_.token("shy", Scope::Own));
    add_stranger("an unknown token", "Bearer hft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    add_stranger("a token's digest",
                 "Bearer " + to_hex(trust::crypto::sha256(as_bytes(world_.token("digest", Scope::Own)))));
    add_stranger("an expired token", "Bearer " + world_.token("late", Scope::Own, {}, world_.now()));
    const std::string revoked = world_.token("gone", Scope::Own);
    REQUIRE(world_.write(
        [&](ports::Transaction& tx) { return access::revoke_operator(tx, "gone", tests::kAda, world_.now()); }));
    add_stranger("a revoked token", "Bearer " + revoked);
  }

  void operators() {
    using enum Who;
    add_operator("read, acme", Scope::Read, kAcme, {Operate, Own, ReadEverywhere, OwnEverywhere});
    add_operator("operate, acme", Scope::Operate, kAcme, {Own, ReadEverywhere, OwnEverywhere});
    add_operator("own, acme", Scope::Own, kAcme, {ReadEverywhere, OwnEverywhere});
    add_operator("read, everywhere", Scope::Read, "", {Operate, Own, OwnEverywhere});
    add_operator("operate, everywhere", Scope::Operate, "", {Own, OwnEverywhere});
    add_operator("own, everywhere", Scope::Own, "", {});
    add_operator("own, the other catalog", Scope::Own, kOther, {Read, Operate, Own, ReadEverywhere, OwnEverywhere});
  }

  void devices() {
    using ports::CertificateKind;
    using ports::CertificateState;
    add_device("client certificate", kLetIn, kAcme, CertificateKind::Client);
    add_device("update certificate", kLetIn, kAcme, CertificateKind::Update);
    add_device("another catalog's client certificate", kLetIn, kOther, CertificateKind::Client);
    add_device("quarantine certificate", kNotAllowed, kAcme, CertificateKind::Quarantine);
    add_device("certificate of a thing without a vault", kNotAllowed, kAcme, CertificateKind::Unattested);
    add_device("expired certificate", {403, identity::kCertificateExpired.word()}, kAcme, CertificateKind::Client,
               CertificateState::Valid, hours(-1));
    add_device("certificate of tomorrow", {403, identity::kCertificateExpired.word()}, kAcme, CertificateKind::Client,
               CertificateState::Valid, hours(24), hours(1));
    add_device("superseded certificate", {403, identity::kCertificateSuperseded.word()}, kAcme, CertificateKind::Client,
               CertificateState::Superseded);
    add_device("revoked certificate", {403, identity::kCertificateRevoked.word()}, kAcme, CertificateKind::Update,
               CertificateState::Revoked);
    all.push_back({"unknown certificate",
                   "",
                   Blob{0x30, 0x00},
                   {403, identity::kCertificateUnknown.word()},
                   refused_by(kUnknown, kEveryOperatorRoute)});
  }

  void add_stranger(std::string_view name, std::string authorization) {
    all.push_back({name, std::move(authorization), {}, kUnknown, refused_by(kUnknown, kEveryOperatorRoute)});
  }
  void add_operator(std::string_view name, Scope scope, std::string_view catalog, std::initializer_list<Who> refused) {
    all.push_back({name,
                   "Bearer " + world_.token(cat("operator-", all.size()), scope, catalog),
                   {},
                   kUnknown,
                   refused_by(kNotAllowed, refused)});
  }
  /// What a certificate allows is what its row says, so that a row and any bytes make one.
  void add_device(std::string_view name, Expected at_device, std::string_view catalog, ports::CertificateKind kind,
                  ports::CertificateState state = ports::CertificateState::Valid, Duration until = hours(24),
                  Duration from = hours(-1)) {
    const Blob certificate = to_blob(as_bytes(name));
    ports::CertificateRow row;
    row.catalog = catalog;
    row.serial[0] = static_cast<std::uint8_t>(all.size());
    row.sha256 = trust::crypto::sha256(certificate);
    row.device = "nobody";
    row.kind = kind;
    row.not_before = world_.now() + from;
    row.not_after = world_.now() + until;
    row.state = state;
    world_.insert(row);
    all.push_back({name, "", certificate, at_device, refused_by(kUnknown, kEveryOperatorRoute), catalog});
  }

  ServiceWorld& world_;
};

Expected expected_answer(const Pinned& route, const Somebody& caller) {
  Expected refusal = kLetIn;
  if (route.who == Who::Device) refusal = caller.at_device;
  const bool names_a_catalog = route.pattern.find("{catalog}") != std::string_view::npos;
  if (route.who == Who::Device && names_a_catalog && caller.catalog != kAcme) refusal = {403, kCallerNotAllowed.word()};
  if (const auto found = caller.refused.find(route.who); found != caller.refused.end()) refusal = found->second;
  return refusal == kLetIn ? route.answer : refusal;
}

Request request_of(const Pinned& route, const Somebody& caller) {
  Request out;
  out.port = route.port;
  out.method = route.method;
  out.path = path_of(route.pattern);
  out.authorization = caller.authorization;
  out.client_certificate = caller.certificate;
  out.body = to_blob(as_bytes(kBrokenBody));
  return out;
}

Expected answer_of(const Response& response, std::string& reason) {
  reason = reason_of(response);
  return {response.status, reason};
}

std::string name_of(Port port, std::string_view method, std::string_view pattern) {
  return cat(port == kDevice ? "device " : port == kEst ? "est " : "management ", method, " ", pattern);
}

/// Whether some path fits both patterns.
bool overlap(std::string_view a, std::string_view b) {
  const auto left = split(a, '/');
  const auto right = split(b, '/');
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] != right[i] && !left[i].starts_with('{') && !right[i].starts_with('{')) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every route is pinned with whom it admits") {
  std::set<std::string> there;
  for (const Route* route : all_routes())
    CHECK(there.insert(name_of(route->port, route->method, route->pattern)).second);
  std::set<std::string> pinned;
  for (const Pinned& route : kPinned) pinned.insert(name_of(route.port, route.method, route.pattern));
  CHECK(there == pinned);
}

TEST_CASE("no path is two routes' at once, so that no name can hide behind a word of ours") {
  for (const Route* one : all_routes()) {
    for (const Route* two : all_routes()) {
      if (one == two || one->port != two->port || one->method != two->method) continue;
      CAPTURE(one->pattern);
      CAPTURE(two->pattern);
      CHECK_FALSE(overlap(one->pattern, two->pattern));
    }
  }
}

TEST_CASE("every route answers every kind of caller as pinned, and refuses before it reads the body") {
  ServiceWorld world;
  const Crowd crowd(world);
  std::string reason;
  for (const Pinned& route : kPinned) {
    for (const Somebody& caller : crowd.all) {
      CAPTURE(route.method);
      CAPTURE(route.pattern);
      CAPTURE(caller.name);
      CHECK(answer_of(world.send(request_of(route, caller)), reason) == expected_answer(route, caller));
    }
  }
}

TEST_CASE("the right caller at the wrong port, or with the wrong method, finds nothing") {
  ServiceWorld world;
  Somebody caller{"ada", "Bearer " + world.token("ada", Scope::Own), {}, {}, {}};
  std::string reason;
  for (const Pinned& route : kPinned) {
    CAPTURE(route.pattern);
    Request request = request_of(route, caller);
    request.port = route.port == kDevice ? kManagement : kDevice;
    const bool is_at_both = route.pattern == "/healthz" || route.pattern == "/readyz";
    if (!is_at_both) CHECK(answer_of(world.send(request), reason) == Expected{404, kRouteUnknown.word()});
    for (const std::string_view method : {"PATCH", "HEAD", "OPTIONS", "TRACE", "get", ""}) {
      Request odd = request_of(route, caller);
      odd.method = method;
      const Response refused = world.send(odd);
      CHECK(answer_of(refused, reason) == Expected{405, kMethodUnknown.word()});
      CHECK(cat(", ", refused.allow, ",").find(cat(", ", route.method, ",")) != std::string::npos);
    }
  }
}

TEST_CASE("a list of catalogs holds the caller's own alone") {
  ServiceWorld world;
  world.other_owner();
  const auto names = [&](std::string_view token) {
    const auto answer = world.ask(token, "GET", "/v1/catalogs");
    const auto body = json::parse(answer.body);
    REQUIRE(answer.status == 200);
    std::set<std::string> out;
    for (const json::Value& item : *body->find("items")->array()) out.insert(*item.find("name")->text());
    return out;
  };
  CHECK(names(world.token("everywhere", Scope::Read)) == std::set<std::string>{"acme", "other"});
  CHECK(names(world.token("here", Scope::Read, kOther)) == std::set<std::string>{"other"});
}

}  // namespace holdfast::service::gateway
