#include "cli/session/owner_link.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::cli {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kPath = "/owner";
constexpr std::string_view kCa = "ca=";
constexpr std::string_view kSecret = "secret=";
constexpr std::size_t kSecretBytesMax = 128;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Next::Rejected, kOwnerLinkMalformed,
              cat("expected a link such as https://host:8444/owner#ca=…&secret=…, saw ", what));
}

bool is_authority(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-:[]").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

bool is_secret(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= kSecretBytesMax && std::ranges::all_of(text, fits);
}

}  // namespace

Result<OwnerLink> parse_owner_link(std::string_view text) {
  text = trim(text);
  if (text.size() > kOwnerLinkBytesMax) return malformed("a longer text");
  const std::size_t fragment = text.find('#');
  if (fragment == std::string_view::npos) return malformed("none with a '#' in it");
  const std::string_view address = text.substr(0, fragment);
  if (!address.starts_with(kScheme) || !address.ends_with(kPath)) return malformed("another address");
  const std::string_view url = address.substr(0, address.size() - kPath.size());
  if (url.size() <= kScheme.size() || !is_authority(url.substr(kScheme.size()))) return malformed("no host and port");
  const auto parts = split(text.substr(fragment + 1), '&');
  if (parts.size() != 2 || !parts[0].starts_with(kCa) || !parts[1].starts_with(kSecret)) {
    return malformed("other parts behind the '#'");
  }
  const auto digest = array_from_hex<32>(parts[0].substr(kCa.size()));
  if (!digest) return malformed("no SHA-256 as ca");
  const std::string_view secret = parts[1].substr(kSecret.size());
  if (!is_secret(secret)) return malformed("no secret in its alphabet");
  return OwnerLink{std::string(url), *digest, Secret(as_bytes(secret))};
}

}  // namespace holdfast::cli
