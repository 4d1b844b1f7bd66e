// How management routes read bodies and write rows.
#pragma once

#include "base/json/fields.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/table.h"
#include "service/gateway/route.h"

namespace holdfast::service::gateway {

inline constexpr std::int64_t kPageDefault = 100;
inline constexpr std::int64_t kPageMax = 1000;
inline constexpr std::size_t kTextBytesMax = 200;

/// A request's body as JSON.
Result<json::Value> body_of(const Call& call);

/// `work` in one write transaction; what it returns is the answer.
template <class Work>
Result<Response> in_write(const Call& call, Work work) {
  std::optional<Response> out;
  TRY(call.deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(work(tx));
    return {};
  }));
  return *std::move(out);
}

template <class Work>
Result<Response> in_read(const Call& call, Work work) {
  std::optional<Response> out;
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(work(tx));
    return {};
  }));
  return *std::move(out);
}

/// `{"items": […], "next": "…"}`; no `next` on the last page.
Response list_response(json::Array items, std::optional<std::string> next = {});

/// The row of a key in the path, or NotFound in words.
template <class Row, class... Key>
Result<Row> require_row(ports::Transaction& tx, std::string_view what, const Key&... key) {
  auto row = TRY(ports::Table<Row>(tx).find(key...));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kNothingThere, std::string("there is no such ").append(what));
}

json::Value to_json(const ports::CertificateRow& row);

json::Value time_or_null(const std::optional<WallTime>& time);

}  // namespace holdfast::service::gateway
