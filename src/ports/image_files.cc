#include "ports/image_files.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::ports {
namespace {

constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kSegmentBytesMax = 200;

bool is_segment(std::string_view text) {
  const auto is_letter = [](char one) {
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one == '.' ||
           one == '_' || one == '-';
  };
  return !text.empty() && text.size() <= kSegmentBytesMax && text.front() != '.' &&
         std::ranges::all_of(text, is_letter);
}

}  // namespace

Result<std::string> path_of(const ImageFileName& name) {
  for (const std::string* one : {&name.catalog, &name.component, &name.version, &name.file}) {
    if (is_segment(*one)) continue;
    return fail(Next::Rejected, kImageFileName,
                cat("expected a name of letters, digits, '.', '_' and '-', saw '", printable(*one, 80), "'"));
  }
  TRY(digest_in(name));
  return cat(name.catalog, "/", name.component, "/", name.version, "/", name.file);
}

Result<std::string> digest_in(const ImageFileName& name) {
  const std::string_view digits = std::string_view(name.file).substr(0, kDigestDigits);
  const bool is_hex =
      std::ranges::all_of(digits, [](char one) { return (one >= '0' && one <= '9') || (one >= 'a' && one <= 'f'); });
  if (digits.size() == kDigestDigits && is_hex && name.file.size() > kDigestDigits && name.file[kDigestDigits] == '.') {
    return std::string(digits);
  }
  return fail(Next::Rejected, kImageFileName,
              cat("expected a file's name that begins with 64 hexadecimal digits and a dot, saw '",
                  printable(name.file, 120), "'"));
}

}  // namespace holdfast::ports
