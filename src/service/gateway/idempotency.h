// Idempotency-Key on POST: the first answer is kept, sealed, in the transaction of its effect, and given again to the
// same caller for the same request, so that a caller whose connection broke can ask again without doing it twice.
// A refusal changed nothing and is not kept. See docs/decisions/0009-answers-are-kept-sealed.md.
#pragma once

#include "ports/store/store.h"
#include "service/request.h"

namespace holdfast::service::gateway {

struct Call;

inline constexpr Reason kIdempotencyKeyMalformed{"idempotency-key-malformed"};
inline constexpr Reason kIdempotencyKeyInUse{"idempotency-key-in-use"};
inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;
inline constexpr Duration kAnswerKept = hours(24);
inline constexpr std::int64_t kAnswersPerCallerMax = 10'000;  ///< the oldest makes room
inline constexpr std::size_t kExpiredAnswersSwept = 8;        ///< by each request that keeps one

Result<void> require_idempotency_key(const Request& request);

/// The answer that this request was given already; 422 where the key came with another request.
Result<std::optional<Response>> answered_before(const Call& call, ports::Transaction& tx);

Result<void> keep_answer(const Call& call, ports::Transaction& tx, const Response& answer);

}  // namespace holdfast::service::gateway
