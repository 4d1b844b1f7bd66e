#include "base/encoding.h"
#include "base/text.h"
#include "service/catalog/catalogs.h"
#include "service/gateway/answers.h"
#include "service/identity/certificates.h"
#include "service/identity/revocation_lists.h"
#include "service/identity/rotation.h"
#include "trust/crypto/hash.h"
#include "trust/x509/certificate.h"

namespace holdfast::service::gateway {
namespace {

using identity::Authority;
using ports::CertificateKind;
using ports::KeyPurpose;

constexpr std::size_t kCertificateBytesMax = 8 * 1024;
/// Pages of certificates that one request ends; whoever asked asks again while some are left.
constexpr int kPagesPerRequest = 20;

/// `client` and its number: which authority a path means.
struct Named {
  KeyPurpose purpose;
  std::int64_t number;
};

Result<Named> named_in(const Call& call) {
  const KeyPurpose purpose = TRY(identity::parse_authority(call.parameter("authority")));
  const std::int64_t number = TRY(call.number());
  return Named{purpose, number};
}

json::Value to_json(const Authority& authority) {
  json::Value out = json::Object{{"authority", identity::name_of(authority.purpose)},
                                 {"number", authority.number},
                                 {"state", identity::name_of(authority.state)},
                                 {"key_in", authority.is_in_token ? "token" : "store"},
                                 {"created_at", to_rfc3339(authority.created_at)},
                                 {"in_force_at", time_or_null(authority.in_force_at)},
                                 {"not_after", time_or_null(authority.not_after)},
                                 {"certificates", std::int64_t{0}},
                                 {"last_ends_at", json::Value()},
                                 {"may_retire", authority.may_retire},
                                 {"ended_at", time_or_null(authority.ended_at)},
                                 {"reason", authority.reason}};
  if (authority.issued) {
    out.set("certificates", static_cast<std::int64_t>(authority.issued->valid));
    out.set("last_ends_at", to_rfc3339(authority.issued->last_ends_at));
  }
  if (authority.certificate) {
    out.set("sha256", to_hex(trust::crypto::sha256(*authority.certificate)));
    out.set("certificate", to_base64(*authority.certificate));
  }
  return out;
}

Result<Response> get_authorities(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    TRY(catalog::find_catalog(tx, catalog));
    json::Array items;
    for (const KeyPurpose purpose : identity::kIssuingAuthorities) {
      for (const Authority& one : TRY(identity::authorities_of(tx, call.deps, catalog, purpose, call.now))) {
        items.push_back(to_json(one));
      }
    }
    return list_response(std::move(items));
  });
}

Result<Response> post_prepare(const Call& call) {
  TRY(call.preconditions.require_looked_at());
  const KeyPurpose purpose = TRY(identity::parse_authority(call.parameter("authority")));
  std::optional<ports::KeyRow> key;
  TRY(call.deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    const std::string& catalog = call.parameter("catalog");
    TRY(catalog::find_catalog(tx, catalog));
    key = TRY(identity::prepare_authority(tx, call.deps, catalog, purpose, call.caller, call.now));
    return {};
  }));
  const Blob request = TRY(identity::authority_request(call.deps, *key));
  return json_response(200, json::Object{{"number", key->number}, {"request", to_base64(request)}});
}

Result<Response> put_certificate(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "authority"));
  catalog::CertifiedAuthority authority;
  authority.certificate = TRY(fields.base64("certificate", kCertificateBytesMax));
  authority.root = TRY(fields.base64("root", kCertificateBytesMax));
  const Duration announced = fields.has("announce") ? TRY(parse_duration(TRY(fields.text("announce", kTextBytesMax))))
                                                    : identity::kAnnouncedUsual;
  TRY(fields.done());
  const KeyPurpose purpose = TRY(identity::parse_authority(call.parameter("authority")));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto key = TRY(catalog::certify_next_authority(tx, call.parameter("catalog"), purpose, authority, announced,
                                                         call.caller, call.now));
    using identity::AuthorityState;
    const auto state = identity::is_announced(key, call.now) ? AuthorityState::Announced : AuthorityState::InForce;
    return json_response(200, json::Object{{"number", key.number},
                                           {"state", identity::name_of(state)},
                                           {"in_force_at", time_or_null(key.in_force_at)}});
  });
}

Result<Response> post_retire(const Call& call) {
  TRY(call.preconditions.require_looked_at());
  const Named named = TRY(named_in(call));
  const std::string& catalog = call.parameter("catalog");
  TRY(call.deps.store.write([&](ports::Transaction& tx) {
    return identity::retire_authority(tx, call.deps, catalog, named.purpose, named.number, call.caller, call.now);
  }));
  TRY(identity::destroy_key(call.deps, catalog, named.purpose, named.number));
  return json_response(200, json::Object{{"retired", named.number}});
}

struct Progress {
  std::int64_t superseded = 0;
  bool is_left = false;  ///< some remain
};

/// Ends what a distrusted authority issued, page by page, each in a transaction of its own.
Result<Progress> supersede_all(const Call& call, const Named& named, const std::string& reason) {
  Progress out;
  int pages = 0;
  for (const auto kind :
       {CertificateKind::Client, CertificateKind::Update, CertificateKind::Quarantine, CertificateKind::Unattested}) {
    if (identity::list_of(kind) != named.purpose) continue;
    std::optional<ports::Record> after;
    do {
      if (++pages > kPagesPerRequest) return Progress{out.superseded, true};
      identity::Superseded page;
      TRY(call.deps.store.write([&](ports::Transaction& tx) -> Result<void> {
        page = TRY(
            identity::supersede_issued_by(tx, call.parameter("catalog"), kind, named.number, after, reason, call.now));
        return {};
      }));
      out.superseded += static_cast<std::int64_t>(page.certificates);
      after = std::move(page.after);
    } while (after);
  }
  return out;
}

Result<Response> post_distrust(const Call& call) {
  TRY(call.preconditions.require_looked_at());
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "distrust"));
  const std::string reason = TRY(fields.text("reason", kTextBytesMax));
  TRY(fields.done());
  const Named named = TRY(named_in(call));
  const std::string& catalog = call.parameter("catalog");
  TRY(call.deps.store.write([&](ports::Transaction& tx) {
    return identity::distrust_authority(tx, call.deps, catalog, named.purpose, named.number, reason, call.caller,
                                        call.now);
  }));
  const Progress progress = TRY(supersede_all(
      call, named, cat("the ", identity::name_of(named.purpose), " CA ", named.number, " is distrusted: ", reason)));
  // Last, and whatever came of it: a token that is away must not keep certificates in force.
  const auto destroyed = identity::destroy_key(call.deps, catalog, named.purpose, named.number);
  return json_response(200, json::Object{{"distrusted", named.number},
                                         {"superseded", progress.superseded},
                                         {"left", progress.is_left},
                                         {"key_destroyed", destroyed.has_value()}});
}

/// The issuing CAs from their announcement on, the one in force first; without the root, whose place is with the owner.
Result<Response> get_chain(const Call& call) {
  if (call.parameter("file") != "client.pem") {
    return fail(Next::NotFound, kNothingThere, cat("expected client.pem, saw ", printable(call.parameter("file"), 40)));
  }
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const auto first = TRY(identity::authority_in_force(tx, catalog, KeyPurpose::ClientCa, call.now));
    std::string out = trust::x509::to_pem(TRY(trust::x509::parse_certificate(*first.certificate)));
    for (const auto& row : TRY(identity::authorities_not_expired(tx, catalog, KeyPurpose::ClientCa, call.now))) {
      if (row.number == first.number) continue;
      out += trust::x509::to_pem(TRY(trust::x509::parse_certificate(*row.certificate)));
    }
    Response response{.content_type = "application/x-pem-file", .body = to_blob(as_bytes(out))};
    response.fresh_for = identity::kListReuse;
    return response;
  });
}

}  // namespace

const std::vector<Route>& authority_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {Port::Device, "GET", "/v1/ca/{catalog}/{file}", Admits::Anyone, Scope::Own, get_chain},
      {kPort, "GET", "/v1/catalogs/{catalog}/authorities", kBy, Scope::Read, get_authorities},
      {kPort, "POST", "/v1/catalogs/{catalog}/authorities/{authority}/prepare", kBy, Scope::Own, post_prepare},
      {kPort, "PUT", "/v1/catalogs/{catalog}/authorities/{authority}/certificate", kBy, Scope::Own, put_certificate},
      {kPort, "POST", "/v1/catalogs/{catalog}/authorities/{authority}/{number}/retire", kBy, Scope::Own, post_retire},
      {kPort, "POST", "/v1/catalogs/{catalog}/authorities/{authority}/{number}/distrust", kBy, Scope::Own,
       post_distrust},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
