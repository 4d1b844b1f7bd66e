#include "trust/tuf/canonical.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

void write_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

// Depth is bounded by the parser that made the value (json::Limits).
Result<void> write(std::string& out, const json::Value& value);

Result<void> write_object(std::string& out, const json::Object& object) {
  std::vector<const json::Member*> members;
  members.reserve(object.size());
  for (const json::Member& member : object) members.push_back(&member);
  // Bytes of UTF-8 sort as code points do.
  std::ranges::sort(members, {}, [](const json::Member* member) -> std::string_view { return member->name; });
  out += '{';
  for (const json::Member* member : members) {
    if (member != members.front()) out += ',';
    write_text(out, member->name);
    out += ':';
    TRY(write(out, member->value));
  }
  out += '}';
  return {};
}

Result<void> write_array(std::string& out, const json::Array& array) {
  out += '[';
  for (const json::Value& element : array) {
    if (&element != &array.front()) out += ',';
    TRY(write(out, element));
  }
  out += ']';
  return {};
}

Result<void> write(std::string& out, const json::Value& value) {
  if (const json::Object* object = value.object()) return write_object(out, *object);
  if (const json::Array* array = value.array()) return write_array(out, *array);
  if (const std::string* text = value.text()) {
    write_text(out, *text);
  } else if (const std::int64_t* integer = value.integer()) {
    append(out, *integer);
  } else if (const bool* truth = value.boolean()) {
    out += *truth ? "true" : "false";
  } else if (value.is_null()) {
    out += "null";
  } else {
    return fail(Next::Rejected, kNotCanonical, "expected whole numbers in a signed document, saw one with a fraction");
  }
  return {};
}

}  // namespace

Result<Blob> canonical(const json::Value& value) {
  std::string out;
  TRY(write(out, value));
  return to_blob(as_bytes(out));
}

}  // namespace holdfast::trust::tuf
