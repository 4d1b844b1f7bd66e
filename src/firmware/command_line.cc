#include "firmware/command_line.h"

#include <charconv>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::firmware {
namespace {

constexpr std::int64_t kSectorBytes = 512;
constexpr std::int64_t kBlockBytes = 4096;
constexpr std::string_view kComponent = "holdfast.component=";
constexpr std::string_view kVersion = "holdfast.version=";
constexpr std::string_view kSecurityVersion = "holdfast.security_version=";

/// Of the word that begins with `name`.
Result<std::string> value_of(std::string_view command_line, std::string_view name) {
  std::optional<std::string> out;
  for (const std::string_view word : split(command_line, ' ')) {
    if (!word.starts_with(name)) continue;
    if (out) return fail(Next::Rejected, kCommandLineMalformed, cat("expected ", name, " once, saw it twice"));
    out = std::string(trim(word.substr(name.size())));
  }
  if (out && !out->empty()) return *std::move(out);
  return fail(Next::Rejected, kCommandLineMalformed, cat("expected ", name, " on the command line, saw none"));
}

}  // namespace

std::string command_line(const VerifiedRoot& root, const SystemName& system, std::string_view place,
                         std::string_view more) {
  const std::int64_t sectors = root.bytes / kSectorBytes;
  const std::string part = cat("part,,,ro,0 ", sectors, " linear ", place, ' ', root.offset / kSectorBytes);
  const std::string verity = cat("root,,,ro,0 ", sectors, " verity 1 /dev/dm-0 ", place, " 4096 4096 ",
                                 root.bytes / kBlockBytes, ' ', root.tree_offset / kBlockBytes, " sha256 ",
                                 to_hex(root.root), ' ', to_hex(root.salt), " 1 panic_on_corruption");
  return cat(more, more.empty() ? "" : " ", "panic=-1 ro root=/dev/dm-1 rootfstype=erofs init=/init dm-mod.create=\"",
             part, ';', verity, "\" ", kComponent, system.component, ' ', kVersion, system.version, ' ',
             kSecurityVersion, system.security_version);
}

Result<SystemName> system_in(std::string_view text) {
  SystemName out;
  out.component = TRY(value_of(text, kComponent));
  out.version = TRY(value_of(text, kVersion));
  const std::string digits = TRY(value_of(text, kSecurityVersion));
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out.security_version);
  if (problem == std::errc() && end == digits.data() + digits.size() && out.security_version >= 0) return out;
  return fail(Next::Rejected, kCommandLineMalformed,
              cat("expected a whole number as security version, saw '", printable(digits), "'"));
}

}  // namespace holdfast::firmware
