#include "trust/x509/profile.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/fields.h"
#include "trust/x509/names.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::size_t kNameBytesMin = 3;

bool is_name(std::string_view text, std::size_t bytes_max) {
  const auto is_inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return text.size() >= kNameBytesMin && text.size() <= bytes_max && std::ranges::all_of(text, is_inner) &&
         text.front() != '-' && text.back() != '-';
}

bool is_url(std::string_view text) {
  return (text.starts_with("http://") || text.starts_with("https://")) && text.size() <= kUrlBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_trust_domain(std::string_view text) {
  return is_host(text) && std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::unexpected<Error> refused_profile(std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kProfileRefused, cat("expected ", expected, ", saw '", printable(seen, 80), "'"));
}

}  // namespace

bool is_device_name(std::string_view name) { return is_name(name, kDeviceBytesMax); }
bool is_catalog_name(std::string_view name) { return is_name(name, kCatalogBytesMax); }

std::string device_uri(UriForm form, std::string_view trust_domain, std::string_view catalog, std::string_view device) {
  return form == UriForm::Urn ? cat("urn:holdfast:", catalog, ':', device)
                              : cat("spiffe://", trust_domain, '/', catalog, '/', device);
}

ByteArray<16> serial_from(const ByteArray<16>& random) {
  // 112 values for the first byte out of 256: some come up three times, most twice; 126 bits of chance stay.
  constexpr unsigned kFirstBytes = kSerialFirstMax - kSerialFirstMin + 1;
  ByteArray<16> out = random;
  out[0] = static_cast<std::uint8_t>(kSerialFirstMin + out[0] % kFirstBytes);
  return out;
}

Result<void> require_serial(const ByteArray<16>& serial) {
  if (serial[0] >= kSerialFirstMin && serial[0] <= kSerialFirstMax) return {};
  return refused_profile("a serial whose first byte is 0x10 to 0x7f", cat(serial[0]));
}

Result<void> require_life(WallTime not_before, WallTime not_after, Duration life_max) {
  if (not_before.ms >= 0 && not_before < not_after && not_after <= kTimeMax && not_after - not_before <= life_max)
    return {};
  return refused_profile(cat("a life of at most ", to_text(life_max)),
                         cat(to_rfc3339(not_before), " to ", to_rfc3339(not_after)));
}

Result<void> require_catalog(std::string_view catalog) {
  if (is_catalog_name(catalog)) return {};
  return refused_profile("a catalog of 3 to 48 letters, digits, hyphens", catalog);
}

Result<void> require_spki(Bytes spki) {
  if (is_p256_spki(spki)) return {};
  return refused_profile("the SubjectPublicKeyInfo of a P-256 key", cat(spki.size(), " other bytes"));
}

Result<void> require_url(std::string_view url) {
  if (is_url(url)) return {};
  return refused_profile("an http or https URL of at most 255 characters", url);
}

Result<void> require_profile(const LeafProfile& profile) {
  TRY(require_catalog(profile.catalog));
  if (!is_device_name(profile.device)) {
    return refused_profile("a device of 3 to 63 letters, digits, hyphens", profile.device);
  }
  const bool spiffe = profile.uri_form == UriForm::Spiffe;
  if (spiffe ? !is_trust_domain(profile.trust_domain) : !profile.trust_domain.empty()) {
    return refused_profile("a trust domain with the SPIFFE form and none with the URN form", profile.trust_domain);
  }
  TRY(require_url(profile.crl_url));
  TRY(require_spki(profile.spki));
  TRY(require_serial(profile.serial));
  return require_life(profile.not_before, profile.not_after, kLeafLifeMax);
}

}  // namespace holdfast::trust::x509
