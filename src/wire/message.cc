#include "wire/message.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::wire {

Blob encode_message(json::Object members) {
  members.insert(members.begin(), {"version", kVersion});
  return to_blob(as_bytes(json::dump(json::Value(std::move(members)))));
}

Result<json::Value> parse_message(Bytes body, std::string_view what) {
  auto value = json::parse(body, {.bytes_max = kMessageBytesMax});
  if (!value) return fail_within(what, value.error());
  auto fields = TRY(json::Fields::of(*value, what));
  const std::int64_t version = TRY(fields.integer("version", 0, INT64_MAX));
  if (version != kVersion) {
    return fail(Next::Rejected, kVersionUnknown, cat(what, ": expected version ", kVersion, ", saw ", version));
  }
  return value;
}

Result<json::Fields> fields_of(const json::Value& message, std::string_view what) {
  auto fields = TRY(json::Fields::of(message, what));
  fields.ignore("version");
  return fields;
}

json::Value base64_array(const std::vector<Blob>& blobs) {
  json::Array out;
  for (const Blob& blob : blobs) out.emplace_back(to_base64(blob));
  return out;
}

}  // namespace holdfast::wire
