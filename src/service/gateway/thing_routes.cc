// What EST may issue in a catalog, and the things without a vault.
#include "service/catalog/catalogs.h"
#include "service/est/settings.h"
#include "service/est/things.h"
#include "service/gateway/page.h"
#include "service/gateway/shown.h"
#include "service/gateway/waiting.h"
#include "service/identity/authorities.h"

namespace holdfast::service::gateway {
namespace {

using ports::KeyPurpose;
using ports::ThingRow;

constexpr std::size_t kLifeBytesMax = 20;
constexpr Duration kSecretLife = days(7);

json::Value to_json(const est::Settings& settings) {
  return json::Object{
      {"reenroll", settings.reenroll}, {"things", settings.things}, {"thing_life", to_text(settings.thing_life)}};
}

json::Value to_json(const ThingRow& row) {
  return json::Object{{"thing", row.thing},
                      {"created_by", row.created_by},
                      {"created_at", to_rfc3339(row.created_at)},
                      {"expires_at", to_rfc3339(row.expires_at)},
                      {"used_at", time_or_null(row.used_at)}};
}

Result<Response> get_est(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    TRY(catalog::find_catalog(tx, catalog));
    json::Value out = to_json(TRY(est::settings_of(tx, catalog)));
    const auto authority = identity::authority_in_force(tx, catalog, KeyPurpose::UnattestedCa, call.now);
    if (!authority && authority.error().next != Next::NotFound) return std::unexpected(authority.error());
    out.set("authority", authority ? json::Value(authority->number) : json::Value());
    return object_response(call, out);
  });
}

/// What is not named stays as it is.
Result<Response> put_est(const Call& call) {
  const json::Value body = TRY(body_of(call));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    TRY(catalog::find_catalog(tx, catalog));
    auto fields = TRY(json::Fields::of(body, "EST settings"));
    est::Settings settings = TRY(est::settings_of(tx, catalog));
    if (fields.has("reenroll")) settings.reenroll = TRY(fields.boolean("reenroll"));
    if (fields.has("things")) settings.things = TRY(fields.boolean("things"));
    if (fields.has("thing_life")) {
      settings.thing_life = TRY(parse_duration(TRY(fields.text("thing_life", kLifeBytesMax))));
    }
    TRY(fields.done());
    TRY(est::require_settings(settings));
    if (settings.things) TRY(identity::authority_in_force(tx, catalog, KeyPurpose::UnattestedCa, call.now));
    auto waits = TRY(submit(call, tx, approval::est_change(settings)));
    if (waits) return *std::move(waits);
    return json_response(200, to_json(settings));
  });
}

Result<Response> get_things(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const ports::Scan scan{.prefix = ports::record_of(call.parameter("catalog"))};
    return list_page<ThingRow>(call, tx, scan, kEveryRow, [](const ThingRow& row) { return to_json(row); });
  });
}

/// Answers with the secret, the only time that it is seen.
Result<Response> post_things(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "thing"));
  const std::string thing = TRY(fields.text("thing", kTextBytesMax));
  Duration life = kSecretLife;
  if (fields.has("life")) life = TRY(parse_duration(TRY(fields.text("life", kLifeBytesMax))));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    TRY(catalog::find_catalog(tx, catalog));
    const auto made = TRY(est::make_secret(tx, call.deps, catalog, thing, life, call.caller, call.now));
    json::Value out = to_json(made.row);
    out.set("secret", made.secret);
    return json_response(201, out);
  });
}

Result<Response> delete_thing(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& thing = call.parameter("thing");
    TRY(est::remove_thing(tx, call.parameter("catalog"), thing, call.caller, call.now));
    return json_response(200, json::Object{{"removed", thing}});
  });
}

Result<Response> get_certificates(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const auto thing = TRY(require_row<ThingRow>(tx, "thing", catalog, call.parameter("thing")));
    const ports::Scan scan{
        .index = ports::kCertificatesByDevice, .prefix = ports::record_of(catalog, thing.thing), .descending = true};
    return list_page<ports::CertificateRow>(call, tx, scan, kEveryRow, shown_certificate);
  });
}

}  // namespace

const std::vector<Route>& thing_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/est", kBy, Scope::Read, get_est},
      {kPort, "PUT", "/v1/catalogs/{catalog}/est", kBy, Scope::Own, put_est},
      {kPort, "GET", "/v1/catalogs/{catalog}/things", kBy, Scope::Read, get_things, "after limit"},
      {kPort, "POST", "/v1/catalogs/{catalog}/things", kBy, Scope::Operate, post_things},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/things/{thing}", kBy, Scope::Operate, delete_thing},
      {kPort, "GET", "/v1/catalogs/{catalog}/things/{thing}/certificates", kBy, Scope::Read, get_certificates,
       "after limit"},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
