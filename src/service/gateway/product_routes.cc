#include "service/catalog/catalogs.h"
#include "service/gateway/answers.h"

namespace holdfast::service::gateway {
namespace {

using ports::DeviceGroupRow;
using ports::ProductRow;
using ports::Table;

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

template <class Row>
Result<Response> list(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    json::Array items;
    const ports::Scan scan{.prefix = ports::record_of(call.parameter("catalog")),
                           .limit = static_cast<std::size_t>(kPageMax)};
    for (const Row& row : TRY(Table<Row>(tx).scan(scan))) items.push_back(to_json(row));
    return list_response(std::move(items));
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
      {kPort, "GET", "/v1/catalogs/{catalog}/products", kBy, Scope::Read, list<ProductRow>},
      {kPort, "POST", "/v1/catalogs/{catalog}/products", kBy, Scope::Operate, post_products},
      {kPort, "GET", "/v1/catalogs/{catalog}/device-groups", kBy, Scope::Read, list<DeviceGroupRow>},
      {kPort, "POST", "/v1/catalogs/{catalog}/device-groups", kBy, Scope::Operate, post_device_groups},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
