#include "service/catalog/catalogs.h"
#include "service/gateway/page.h"

namespace holdfast::service::gateway {
namespace {

using ports::DeviceGroupRow;
using ports::ProductRow;

json::Value to_json(const ProductRow& row) {
  return json::Object{{"name", row.name}, {"description", row.description}, {"created_at", to_rfc3339(row.created_at)}};
}

json::Value to_json(const DeviceGroupRow& row) {
  return json::Object{{"product", row.product},
                      {"name", row.name},
                      {"policy", row.policy},
                      {"description", row.description},
                      {"created_at", to_rfc3339(row.created_at)}};
}

Result<std::string> optional_text(json::Fields& fields, std::string_view name, std::string otherwise) {
  return fields.has(name) ? fields.text(name, kTextBytesMax) : Result<std::string>(std::move(otherwise));
}

Result<Response> get_products(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<ProductRow>(call, tx, {.prefix = ports::record_of(call.parameter("catalog"))}, kEveryRow,
                                 [](const ProductRow& row) { return to_json(row); });
  });
}

Result<Response> get_product(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<ProductRow>(tx, "product", call.parameter("catalog"), call.parameter("product")));
    return object_response(call, to_json(row));
  });
}

Result<Response> get_device_groups(const Call& call) {
  const std::string product = call.query("product");
  const std::string policy = call.query("policy");
  return in_read(call, [&](ports::Transaction& tx) {
    const std::string& catalog = call.parameter("catalog");
    return list_page<DeviceGroupRow>(
        call, tx, {.prefix = product.empty() ? ports::record_of(catalog) : ports::record_of(catalog, product)},
        [&](const DeviceGroupRow& row) { return policy.empty() || row.policy == policy; },
        [](const DeviceGroupRow& row) { return to_json(row); });
  });
}

Result<Response> get_device_group(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<DeviceGroupRow>(tx, "device group", call.parameter("catalog"),
                                                     call.parameter("product"), call.parameter("group")));
    return object_response(call, to_json(row));
  });
}

Result<Response> post_products(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "product"));
  ProductRow row;
  row.catalog = call.parameter("catalog");
  row.name = TRY(fields.text("name", kTextBytesMax));
  row.description = TRY(optional_text(fields, "description", ""));
  row.created_at = call.now;
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(catalog::create_product(tx, row, call.caller));
    return json_response(201, to_json(row));
  });
}

Result<Response> post_device_groups(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "device group"));
  DeviceGroupRow row;
  row.catalog = call.parameter("catalog");
  row.product = TRY(fields.text("product", kTextBytesMax));
  row.name = TRY(fields.text("name", kTextBytesMax));
  row.policy = TRY(optional_text(fields, "policy", "default"));
  row.description = TRY(optional_text(fields, "description", ""));
  row.created_at = call.now;
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(catalog::create_device_group(tx, row, call.caller));
    return json_response(201, to_json(row));
  });
}

}  // namespace

const std::vector<Route>& product_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/products", kBy, Scope::Read, get_products, "after limit"},
      {kPort, "GET", "/v1/catalogs/{catalog}/products/{product}", kBy, Scope::Read, get_product},
      {kPort, "POST", "/v1/catalogs/{catalog}/products", kBy, Scope::Operate, post_products},
      {kPort, "GET", "/v1/catalogs/{catalog}/device-groups", kBy, Scope::Read, get_device_groups,
       "after limit product policy"},
      {kPort, "GET", "/v1/catalogs/{catalog}/device-groups/{product}/{group}", kBy, Scope::Read, get_device_group},
      {kPort, "POST", "/v1/catalogs/{catalog}/device-groups", kBy, Scope::Operate, post_device_groups},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
