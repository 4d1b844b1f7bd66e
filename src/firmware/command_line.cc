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
constexpr std::string_view kSeal = "holdfast.seal=";

/// Of the word that begins with `name`; none where there is no such word.
Result<std::optional<std::string>> find_value(std::string_view command_line, std::string_view name) {
  std::optional<std::string> out;
  for (const std::string_view word : split(command_line, ' ')) {
    if (!word.starts_with(name)) continue;
    if (out) return fail(Next::Rejected, kCommandLineMalformed, cat("expected ", name, " once, saw it twice"));
    out = std::string(trim(word.substr(name.size())));
  }
  return out;
}

Result<std::string> value_of(std::string_view command_line, std::string_view name) {
  auto out = TRY(find_value(command_line, name));
  if (out && !out->empty()) return *std::move(out);
  return fail(Next::Rejected, kCommandLineMalformed, cat("expected ", name, " on the command line, saw none"));
}

std::optional<std::int64_t> number_in(std::string_view digits) {
  std::int64_t out = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (problem == std::errc() && end == digits.data() + digits.size() && out >= 0) return out;
  return std::nullopt;
}

/// `BYTE:SHA256`.
Result<Seal> seal_in(std::string_view text) {
  const auto parts = split(text, ':');
  const auto at = number_in(parts.front());
  const auto authority = array_from_hex<32>(parts.back());
  if (parts.size() == 2 && at && authority) return Seal{*at, *authority};
  return fail(Next::Rejected, kCommandLineMalformed,
              cat("expected ", kSeal, "BYTE:SHA256, saw '", printable(text), "'"));
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
             kSecurityVersion, system.security_version,
             system.seal ? cat(' ', kSeal, system.seal->words_at, ':', to_hex(system.seal->authority_sha256)) : "");
}

Result<SystemName> system_in(std::string_view text) {
  SystemName out;
  out.component = TRY(value_of(text, kComponent));
  out.version = TRY(value_of(text, kVersion));
  const std::string digits = TRY(value_of(text, kSecurityVersion));
  const auto number = number_in(digits);
  if (!number) {
    return fail(Next::Rejected, kCommandLineMalformed,
                cat("expected a whole number as security version, saw '", printable(digits), "'"));
  }
  out.security_version = *number;
  if (const auto seal = TRY(find_value(text, kSeal))) out.seal = TRY(seal_in(*seal));
  return out;
}

}  // namespace holdfast::firmware
