#include "base/json/fields.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::json {

Result<Fields> Fields::of(const Value& value, std::string_view what) {
  if (const Object* members = value.object()) return Fields(*members, what);
  return fail(Next::Rejected, kJsonShape, cat(what, ": expected an object, saw ", value.kind()));
}

bool Fields::has(std::string_view name) const {
  for (const Member& member : *members_) {
    if (member.name == name) return !member.value.is_null();
  }
  return false;
}

std::unexpected<Error> Fields::wrong(std::string_view name, std::string_view expected, std::string_view seen) const {
  return fail(Next::Rejected, kJsonShape, cat(what_, ".", name, ": expected ", expected, ", saw ", seen));
}

Result<const Value*> Fields::take(std::string_view name) {
  for (std::size_t i = 0; i < members_->size(); ++i) {
    if ((*members_)[i].name != name) continue;
    taken_[i] = true;
    return &(*members_)[i].value;
  }
  return wrong(name, "a value", "nothing");
}

void Fields::ignore(std::string_view name) {
  for (std::size_t i = 0; i < members_->size(); ++i) {
    if ((*members_)[i].name == name) taken_[i] = true;
  }
}

Result<const Value*> Fields::value(std::string_view name) { return take(name); }

Result<Fields> Fields::object(std::string_view name) {
  const Value* found = TRY(take(name));
  if (const Object* members = found->object()) return Fields(*members, name);
  return wrong(name, "an object", found->kind());
}

Result<std::string> Fields::text(std::string_view name, std::size_t bytes_max) {
  const Value* found = TRY(take(name));
  const std::string* text = found->text();
  if (text == nullptr) return wrong(name, "text", found->kind());
  if (text->size() > bytes_max) return wrong(name, cat("at most ", bytes_max, " bytes"), cat(text->size()));
  return *text;
}

Result<std::int64_t> Fields::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const Value* found = TRY(take(name));
  const std::int64_t* number = found->integer();
  if (number == nullptr) return wrong(name, "an integer", found->kind());
  if (*number < min || *number > max) return wrong(name, cat("an integer from ", min, " to ", max), cat(*number));
  return *number;
}

Result<bool> Fields::boolean(std::string_view name) {
  const Value* found = TRY(take(name));
  if (const bool* truth = found->boolean()) return *truth;
  return wrong(name, "true or false", found->kind());
}

Result<WallTime> Fields::time(std::string_view name) {
  const std::string written = TRY(text(name, 40));
  auto parsed = parse_rfc3339(written);
  if (!parsed) return wrong(name, "a time such as 2026-11-23T08:09:30Z", printable(written));
  return *parsed;
}

Result<Blob> Fields::base64(std::string_view name, std::size_t bytes_max) {
  const Value* found = TRY(take(name));
  const std::string* written = found->text();
  if (written == nullptr) return wrong(name, "base64 text", found->kind());
  auto bytes = from_base64(*written);
  if (!bytes) return wrong(name, "base64 with its padding", printable(*written, 40));
  if (bytes->size() > bytes_max) return wrong(name, cat("at most ", bytes_max, " bytes"), cat(bytes->size()));
  return *std::move(bytes);
}

Result<Blob> Fields::hex(std::string_view name, std::size_t bytes_max) {
  const std::string written = TRY(text(name, bytes_max * 2));
  auto bytes = from_hex(written);
  if (!bytes) return wrong(name, "hex digits", printable(written, 40));
  return *std::move(bytes);
}

Result<Digest256> Fields::digest256(std::string_view name) {
  const std::string written = TRY(text(name, 128));
  auto digest = array_from_hex<32>(written);
  if (!digest) return wrong(name, "64 hex digits", printable(written, 80));
  return *digest;
}

Result<const Array*> Fields::array(std::string_view name, std::size_t size_max) {
  const Value* found = TRY(take(name));
  const Array* elements = found->array();
  if (elements == nullptr) return wrong(name, "an array", found->kind());
  if (elements->size() > size_max) return wrong(name, cat("at most ", size_max, " elements"), cat(elements->size()));
  return elements;
}

Result<std::vector<std::string>> Fields::texts(std::string_view name, std::size_t size_max, std::size_t bytes_max) {
  std::vector<std::string> out;
  for (const Value& element : *TRY(array(name, size_max))) {
    const std::string* text = element.text();
    if (text == nullptr) return wrong(name, "an array of text", element.kind());
    if (text->size() > bytes_max) return wrong(name, cat("at most ", bytes_max, " bytes each"), cat(text->size()));
    out.push_back(*text);
  }
  return out;
}

Result<std::vector<Blob>> Fields::base64s(std::string_view name, std::size_t size_max, std::size_t bytes_max) {
  std::vector<Blob> out;
  for (const std::string& text : TRY(texts(name, size_max, (bytes_max + 2) / 3 * 4))) {
    auto bytes = from_base64(text);
    if (!bytes) return wrong(name, "base64 with its padding", printable(text, 40));
    out.push_back(*std::move(bytes));
  }
  return out;
}

Result<void> Fields::done() const {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (taken_[i]) continue;
    return wrong(printable((*members_)[i].name, 60), "no such member", "one");
  }
  return {};
}

}  // namespace holdfast::json
