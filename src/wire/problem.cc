#include "wire/problem.h"

#include "base/json/fields.h"

namespace holdfast::wire {

Result<Problem> Problem::decode(Bytes body) {
  const json::Value value = TRY(json::parse(body, {.bytes_max = kProblemBytesMax}));
  auto fields = TRY(json::Fields::of(value, "problem"));
  Problem out;
  out.reason = TRY(fields.text("title", kProblemTextBytesMax));
  if (fields.has("detail")) out.detail = TRY(fields.text("detail", kProblemTextBytesMax));
  return out;
}

}  // namespace holdfast::wire
