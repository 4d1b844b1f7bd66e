#include "service/gateway/idempotency.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/kept_answer.h"
#include "service/gateway/route.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::gateway {
namespace {

using ports::KeptAnswerRow;
using ports::Table;

/// Only operators are remembered: who has no name proves itself by a secret that is good once.
bool is_kept(const Call& call) {
  return call.request.idempotency_key && call.request.method == "POST" &&
         std::holds_alternative<OperatorCaller>(call.caller);
}

/// Each part with its length, so that no two requests read alike.
Digest256 digest_of(const Request& request) {
  std::string text;
  for (const std::string_view part :
       {std::string_view(request.method), std::string_view(request.path), std::string_view(request.query)}) {
    text += cat(part.size(), ":", part);
  }
  text += to_hex(trust::crypto::sha256(request.body));
  return trust::crypto::sha256(as_bytes(text));
}

std::string seal_place(const KeptAnswerRow& row) {
  return cat("kept-answer/", row.caller, "/", row.key, "/", to_hex(row.request_sha256));
}

Result<void> sweep(Table<KeptAnswerRow>& answers, WallTime now) {
  const ports::Scan oldest{.index = ports::kAnswersByExpiry, .limit = kExpiredAnswersSwept};
  for (const KeptAnswerRow& row : TRY(answers.scan(oldest))) {
    if (row.expires_at > now) break;
    TRY(answers.erase(row.caller, row.key));
  }
  return {};
}

/// Were the next one refused, a program that makes many things would stand still for a day; so the oldest makes room.
Result<std::int64_t> next_number(Table<KeptAnswerRow>& answers, const std::string& caller) {
  const ports::Scan newest{
      .index = ports::kAnswersByNumber, .prefix = ports::record_of(caller), .limit = 1, .descending = true};
  const auto rows = TRY(answers.scan(newest));
  const std::int64_t number = rows.empty() ? 1 : rows.front().number + 1;
  const auto oldest = TRY(answers.find_by(ports::kAnswersByNumber, caller, number - kAnswersPerCallerMax));
  if (oldest) TRY(answers.erase(oldest->caller, oldest->key));
  return number;
}

}  // namespace

Result<void> require_idempotency_key(const Request& request) {
  if (!request.idempotency_key) return {};
  const std::string& key = *request.idempotency_key;
  const bool is_printable = std::ranges::all_of(key, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!key.empty() && key.size() <= kIdempotencyKeyBytesMax && is_printable) return {};
  return fail(Next::Rejected, kIdempotencyKeyMalformed,
              cat("expected an Idempotency-Key of 1 to ", kIdempotencyKeyBytesMax, " printable ASCII characters, saw ",
                  key.size(), " bytes"));
}

Result<std::optional<Response>> answered_before(const Call& call, ports::Transaction& tx) {
  if (!is_kept(call)) return std::optional<Response>();
  const auto row = TRY(Table<KeptAnswerRow>(tx).find(actor_of(call.caller), *call.request.idempotency_key));
  if (!row || row->expires_at <= call.now) return std::optional<Response>();
  if (row->request_sha256 != digest_of(call.request)) {
    return fail(
        Next::Rejected, kIdempotencyKeyReused,
        "expected the request that this Idempotency-Key came with first, saw another; each request has its own");
  }
  const Secret body = TRY(call.deps.keyring.unseal(seal_place(*row), row->sealed_body));
  Response out{.status = static_cast<int>(row->status), .body = to_blob(body.expose())};
  out.replayed = true;
  return std::optional(std::move(out));
}

Result<void> keep_answer(const Call& call, ports::Transaction& tx, const Response& answer) {
  if (!is_kept(call)) return {};
  Table<KeptAnswerRow> answers(tx);
  TRY(sweep(answers, call.now));
  KeptAnswerRow row;
  row.caller = actor_of(call.caller);
  row.key = *call.request.idempotency_key;
  if (TRY(answers.find(row.caller, row.key))) TRY(answers.erase(row.caller, row.key));  // expired, and not swept yet
  row.number = TRY(next_number(answers, row.caller));
  row.request_sha256 = digest_of(call.request);
  row.status = answer.status;
  row.sealed_body = call.deps.keyring.seal(seal_place(row), Secret(Bytes(answer.body)));
  row.expires_at = call.now + kAnswerKept;
  auto kept = answers.insert(row);
  if (kept || kept.error().reason != ports::kRowExists) return kept;
  return fail(
      Next::Conflict, kIdempotencyKeyInUse,
      "expected one request at a time with this Idempotency-Key, saw two; send it again for the first's answer");
}

}  // namespace holdfast::service::gateway
