// A catalog's way from one service to another (docs/moving.md).
#include "base/encoding.h"
#include "service/gateway/answers.h"
#include "service/moving/arrive.h"
#include "service/moving/leave.h"
#include "trust/tuf/root.h"

namespace holdfast::service::gateway {
namespace {

constexpr std::size_t kRootBytesMax = 256 * 1024;

Result<Response> post_leave(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(moving::leave(tx, call.parameter("catalog"), call.caller, call.now));
    return json_response(200, json::Object{{"state", "left"}});
  });
}

Result<Response> post_come_back(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(moving::come_back(tx, call.parameter("catalog"), call.caller, call.now));
    return json_response(200, json::Object{{"state", "ready"}});
  });
}

/// `{"table", "columns", "rows", "next"}`; without a table there is no more.
json::Value to_json(const moving::ExportedRows& page) {
  if (page.schema == nullptr) return json::Object{{"rows", json::Array{}}};
  json::Array columns;
  for (const ports::Column& column : page.schema->columns) columns.emplace_back(column.name);
  json::Array rows;
  for (const ports::Record& row : page.rows) {
    json::Array fields;
    for (const ports::Field& field : row) fields.push_back(moving::to_json(field));
    rows.emplace_back(std::move(fields));
  }
  json::Value out =
      json::Object{{"table", page.schema->table}, {"columns", std::move(columns)}, {"rows", std::move(rows)}};
  if (!page.next.empty()) out.set("next", page.next);
  return out;
}

Result<Response> get_export(const Call& call) {
  const std::string after = call.query("after");
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return json_response(200, to_json(TRY(moving::export_rows(tx, call.parameter("catalog"), after))));
  });
}

Result<Response> post_imports(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "import"));
  const auto roots = TRY(fields.base64s("roots", trust::tuf::kRootChainMax, kRootBytesMax));
  const Blob statement = TRY(fields.base64("statement", moving::kStatementBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(moving::begin_import(tx, roots, statement, call.caller, call.now));
    return json_response(200, json::Object{{"catalog", row.catalog}, {"remaining_pages", row.remaining_pages}});
  });
}

Result<Response> put_page(const Call& call) {
  const std::int64_t number = TRY(call.number());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::int64_t remaining = TRY(
        moving::take_page(tx, call.deps, call.parameter("catalog"), number, call.request.body, call.caller, call.now));
    return json_response(200, json::Object{{"remaining_pages", remaining}});
  });
}

}  // namespace

const std::vector<Route>& moving_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "POST", "/v1/catalogs/{catalog}/leave", kBy, Scope::Own, post_leave, "", true},
      {kPort, "POST", "/v1/catalogs/{catalog}/come-back", kBy, Scope::Own, post_come_back, "", true},
      {kPort, "GET", "/v1/catalogs/{catalog}/export", kBy, Scope::Own, get_export, "after"},
      {kPort, "POST", "/v1/imports", kBy, Scope::Own, post_imports},
      {kPort, "PUT", "/v1/imports/{catalog}/pages/{number}", kBy, Scope::Own, put_page, "", true},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
