#include "linux/apps/application.h"

#include <algorithm>

#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::linux::apps {
namespace {

constexpr std::size_t kNameBytesMax = 64;

/// One that leads out of the image is no path in it.
bool is_inside(std::string_view path) {
  if (path.size() < 2 || path.front() != '/') return false;
  const auto parts = split(path.substr(1), '/');
  return std::ranges::none_of(parts, [](std::string_view one) { return one.empty() || one == "." || one == ".."; });
}

}  // namespace

Result<Application> parse_application(Bytes json_text) {
  const json::Value value = TRY(json::parse(json_text));
  auto fields = TRY(json::Fields::of(value, "application"));
  Application out;
  out.component = TRY(fields.text("component", kNameBytesMax));
  out.version = TRY(fields.text("version", kNameBytesMax));
  out.entry_point = TRY(fields.text("entry_point", kArgumentBytesMax));
  if (fields.has("arguments")) out.arguments = TRY(fields.texts("arguments", kArgumentsMax, kArgumentBytesMax));
  TRY(fields.done());
  if (is_inside(out.entry_point)) return out;
  return fail(Next::Rejected, kApplicationMalformed,
              cat("expected an entry point such as /bin/door, saw '", printable(out.entry_point), "'"));
}

}  // namespace holdfast::linux::apps
