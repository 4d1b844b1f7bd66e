// The certificates that Holdfast gives out, as values, and the rules for the names in them. One profile is one
// certificate: nothing in it is left to chance or to a request. Every name is checked by `require_profile`; what does
// not fit is an error, never cut or escaped.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kProfileRefused{"profile-refused"};  ///< a certificate that this profile does not allow

/// What an update certificate is for, and a quarantined device's. Under an arc that stands for the owner's own; who
/// has an IANA enterprise number replaces 59999 before the first device is claimed.
inline constexpr std::string_view kUpdateOid = "1.3.6.1.4.1.59999.1.1";
inline constexpr std::string_view kQuarantineOid = "1.3.6.1.4.1.59999.1.2";

inline constexpr std::size_t kCatalogBytesMax = 48;
inline constexpr std::size_t kDeviceBytesMax = 63;
inline constexpr std::size_t kUrlBytesMax = 255;
inline constexpr Duration kLeafLifeMax = days(31);
inline constexpr WallTime kTimeMax = WallTime::from_seconds(253'402'300'799);  ///< 9999-12-31T23:59:59Z
inline constexpr std::uint8_t kSerialFirstMin = 0x10;
inline constexpr std::uint8_t kSerialFirstMax = 0x7F;

/// `^[a-z0-9]([a-z0-9-]{1,61}[a-z0-9])$`
bool is_device_name(std::string_view name);
/// The same, at most 48 characters.
bool is_catalog_name(std::string_view name);

/// Unattested: of a named thing without a vault, for services that accept such.
enum class LeafKind { Client, Update, Quarantine, Unattested };

/// How a device is named in its one subject alternative name; chosen once per catalog.
enum class UriForm { Urn, Spiffe };

/// `urn:holdfast:<catalog>:<device>` or `spiffe://<trust domain>/<catalog>/<device>`.
std::string device_uri(UriForm form, std::string_view trust_domain, std::string_view catalog, std::string_view device);

/// A serial as the profile wants it from 16 random bytes: first byte 0x10 to 0x7f.
ByteArray<16> serial_from(const ByteArray<16>& random);

struct LeafProfile {
  LeafKind kind;
  std::string catalog;
  std::string device;
  UriForm uri_form = UriForm::Urn;
  std::string trust_domain;  ///< for Spiffe alone
  Blob spki;                 ///< P-256
  ByteArray<16> serial;
  WallTime not_before;
  WallTime not_after;
  std::string crl_url;
};

/// Whether every field keeps the rules above.
Result<void> require_profile(const LeafProfile& profile);

/// The rules that authorities and revocation lists share.
Result<void> require_catalog(std::string_view catalog);
Result<void> require_spki(Bytes spki);
Result<void> require_url(std::string_view url);
Result<void> require_serial(const ByteArray<16>& serial);
Result<void> require_life(WallTime not_before, WallTime not_after, Duration life_max);

}  // namespace holdfast::trust::x509
