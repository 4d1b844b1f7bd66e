// How management routes read bodies and write rows.
#pragma once

#include "base/json/fields.h"
#include "ports/store/table.h"
#include "service/gateway/idempotency.h"
#include "service/gateway/route.h"

namespace holdfast::service::gateway {

inline constexpr std::int64_t kPageDefault = 100;
inline constexpr std::int64_t kPageMax = 1000;
inline constexpr std::size_t kTextBytesMax = 200;

/// A request's body as JSON.
Result<json::Value> body_of(const Call& call);

/// `work` in one write transaction; what it returns is the answer, kept in the same transaction under the request's
/// Idempotency-Key. A precondition that `work` did not look at is refused.
template <class Work>
Result<Response> in_write(const Call& call, Work work) {
  std::optional<Response> out;
  TRY(call.deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(answered_before(call, tx));
    if (out) return {};
    call.preconditions.begin();
    out = TRY(work(tx));
    TRY(call.preconditions.require_looked_at());
    return keep_answer(call, tx, *out);
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

/// One object with its ETag, or 304 where the caller has it already.
Response object_response(const Call& call, const json::Value& object);

/// `{"items": […], "next": "…"}`; no `next` on the last page.
Response list_response(json::Array items, std::optional<std::string> next = {});

/// The row of a key in the path, or NotFound in words.
template <class Row, class... Key>
Result<Row> require_row(ports::Transaction& tx, std::string_view what, const Key&... key) {
  auto row = TRY(ports::Table<Row>(tx).find(key...));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kNothingThere, std::string("there is no such ").append(what));
}

json::Value time_or_null(const std::optional<WallTime>& time);

}  // namespace holdfast::service::gateway
