#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "service/backup/tables.h"
#include "service/catalog/catalogs.h"
#include "service/claim/owner_documents.h"
#include "service/gateway/page.h"
#include "service/gateway/shown.h"
#include "service/identity/authorities.h"

namespace holdfast::service::gateway {
namespace {

using ports::CatalogRow;
using ports::Table;

constexpr std::size_t kDocumentBytesMax = 256 * 1024;
constexpr std::size_t kCertificateBytesMax = 8 * 1024;

Result<json::Value> to_json(const catalog::Prepared& prepared, Deps& deps) {
  json::Value out;
  for (const auto& [name, key] : {std::pair("client", &prepared.client), std::pair("update", &prepared.update)}) {
    const Blob request = TRY(identity::authority_request(deps, *key));
    out.set(name, json::Object{{"number", key->number}, {"request", to_base64(request)}});
  }
  return out;
}

Result<Response> get_catalogs(const Call& call) {
  const auto& caller = std::get<OperatorCaller>(call.caller);
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto fits = [&](const CatalogRow& row) { return caller.catalog.empty() || caller.catalog == row.name; };
    return list_page<CatalogRow>(call, tx, {}, fits, [](const CatalogRow& row) { return shown_catalog(row); });
  });
}

Result<Response> get_catalog(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return object_response(call, shown_catalog(TRY(catalog::find_catalog(tx, call.parameter("catalog")))));
  });
}

Result<Response> post_catalogs(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "catalog"));
  catalog::NewCatalog order;
  order.name = TRY(fields.text("name", kTextBytesMax));
  order.owner_root = TRY(fields.base64("owner_root", kDocumentBytesMax));
  if (fields.has("trust_domain")) {
    order.name_form = ports::NameForm::Spiffe;
    order.trust_domain = TRY(fields.text("trust_domain", kTextBytesMax));
  }
  if (fields.has("two_approvers")) order.two_approvers = TRY(fields.boolean("two_approvers"));
  if (fields.has("signed_policy")) order.signed_policy = TRY(fields.boolean("signed_policy"));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto prepared = TRY(catalog::create_catalog(tx, call.deps, order, call.caller, call.now));
    json::Value authorities = TRY(to_json(prepared, call.deps));
    return json_response(201, json::Object{{"name", order.name}, {"authorities", std::move(authorities)}});
  });
}

Result<Response> post_authorities(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& name = call.parameter("catalog");
    TRY(call.preconditions.require(shown_catalog(TRY(catalog::find_catalog(tx, name)))));
    const auto prepared = TRY(catalog::prepare_authorities(tx, call.deps, name, call.caller, call.now));
    return json_response(200, TRY(to_json(prepared, call.deps)));
  });
}

Result<catalog::CertifiedAuthority> authority_of(json::Fields fields) {
  catalog::CertifiedAuthority out;
  out.certificate = TRY(fields.base64("certificate", kCertificateBytesMax));
  out.root = TRY(fields.base64("root", kCertificateBytesMax));
  TRY(fields.done());
  return out;
}

Result<Response> put_authorities(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "authorities"));
  const auto client = TRY(authority_of(TRY(fields.object("client"))));
  const auto update = TRY(authority_of(TRY(fields.object("update"))));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& name = call.parameter("catalog");
    TRY(call.preconditions.require(shown_catalog(TRY(catalog::find_catalog(tx, name)))));
    TRY(catalog::certify_authorities(tx, name, client, update, call.caller, call.now));
    return json_response(200, json::Object{{"state", "ready"}});
  });
}

Result<json::Value> owner_documents(ports::Transaction& tx, const std::string& name) {
  TRY(catalog::find_catalog(tx, name));
  json::Array roots;
  json::Value trust_policy;
  const ports::Scan scan{.prefix = ports::record_of(name), .limit = static_cast<std::size_t>(kPageMax)};
  for (const auto& row : TRY(Table<ports::OwnerDocumentRow>(tx).scan(scan))) {
    if (row.kind == ports::OwnerDocument::Root) roots.emplace_back(to_base64(row.bytes));
    if (row.kind == ports::OwnerDocument::TrustPolicy) trust_policy = to_base64(row.bytes);
  }
  return json::Object{{"roots", std::move(roots)}, {"trust_policy", std::move(trust_policy)}};
}

Result<Response> get_owner_documents(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return object_response(call, TRY(owner_documents(tx, call.parameter("catalog"))));
  });
}

Result<Response> put_document(const Call& call, ports::OwnerDocument kind) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "owner document"));
  const Blob document = TRY(fields.base64("document", kDocumentBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& name = call.parameter("catalog");
    TRY(call.preconditions.require(TRY(owner_documents(tx, name))));
    TRY(kind == ports::OwnerDocument::Root ? claim::add_root(tx, name, document, call.caller, call.now)
                                           : claim::add_trust_policy(tx, name, document, call.caller, call.now));
    const std::int64_t number = TRY(claim::trust_policy_number(tx, name));
    return json_response(200, json::Object{{"trust_policy", number}});
  });
}

Result<Response> put_root(const Call& call) { return put_document(call, ports::OwnerDocument::Root); }
Result<Response> put_trust_policy(const Call& call) { return put_document(call, ports::OwnerDocument::TrustPolicy); }

/// What an owner's machine needs to write a trust policy.
Result<Response> get_service(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    json::Array urls;
    for (const std::string& url : call.deps.settings.device_urls) urls.emplace_back(url);
    const auto ca = TRY(require_row<ports::KeyRow>(tx, "service CA", "", ports::KeyPurpose::ServiceCa, 1));
    return object_response(call, json::Object{{"device_urls", std::move(urls)},
                                              {"service_ca", to_base64(*ca.certificate)},
                                              {"migration", backup::newest_migration()}});
  });
}

}  // namespace

const std::vector<Route>& catalog_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/service", Admits::AnyOperator, Scope::Read, get_service},
      {kPort, "GET", "/v1/catalogs", Admits::AnyOperator, Scope::Read, get_catalogs, "after limit"},
      {kPort, "POST", "/v1/catalogs", kBy, Scope::Own, post_catalogs},
      {kPort, "GET", "/v1/catalogs/{catalog}", kBy, Scope::Read, get_catalog},
      {kPort, "POST", "/v1/catalogs/{catalog}/authorities", kBy, Scope::Own, post_authorities},
      {kPort, "PUT", "/v1/catalogs/{catalog}/authorities", kBy, Scope::Own, put_authorities},
      {kPort, "GET", "/v1/catalogs/{catalog}/owner-documents", kBy, Scope::Read, get_owner_documents},
      {kPort, "PUT", "/v1/catalogs/{catalog}/root", kBy, Scope::Own, put_root, "", true},
      {kPort, "PUT", "/v1/catalogs/{catalog}/trust-policy", kBy, Scope::Own, put_trust_policy, "", true},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
