// The certificates of Holdfast's own authorities, to be signed elsewhere: per catalog a client root, an update root
// and, where things without a vault get certificates, an unattested root, whose keys never reach the server; under each
// the issuing CAs that do; and the service CA with its servers. P-256 and ECDSA with SHA-256 throughout. An issuing CA
// can make end entities alone (pathlen 0), for its own use alone (extended key usage), inside its catalog alone
// (critical name constraint `O=<catalog>`).
#pragma once

#include "trust/x509/certificate.h"
#include "trust/x509/profile.h"

namespace holdfast::trust::x509 {

inline constexpr Duration kIssuingCaLife = days(400);     ///< what is usual
inline constexpr Duration kIssuingCaLifeMax = days(800);  ///< what is refused beyond
inline constexpr Duration kRootLife = days(20 * 365);
inline constexpr Duration kRootLifeMax = days(30 * 366);
inline constexpr Duration kServerLifeMax = days(400);
inline constexpr std::size_t kServerNamesMax = 32;

enum class Authority { Client, Update, Unattested };
std::string_view name_of(Authority authority);  ///< `client`
/// Whose issuing CAs give out leaves of this kind.
Authority authority_of(LeafKind kind);
/// `<catalog> client CA <number>`: the common name of an issuing CA.
std::string issuing_ca_name(Authority authority, std::string_view catalog, int number);

/// `O=<catalog>, CN=<catalog> client root`, self-signed, pathlen 1.
struct RootProfile {
  Authority authority;
  std::string catalog;
  Blob spki;
  ByteArray<16> serial;
  WallTime not_before;
  WallTime not_after;
};
Result<Blob> root_to_be_signed(const RootProfile& profile);

/// `O=<catalog>, CN=<catalog> client CA <number>`, signed by the root.
struct IssuingCaProfile {
  Authority authority;
  std::string catalog;
  int number;
  Certificate root;
  Blob spki;
  ByteArray<16> serial;
  WallTime not_before;
  WallTime not_after;
};
Result<Blob> issuing_ca_to_be_signed(const IssuingCaProfile& profile);

/// `O=<name>, CN=<name> service CA`, self-signed, pathlen 0: what a trust policy pins.
struct ServiceCaProfile {
  std::string name;
  Blob spki;
  ByteArray<16> serial;
  WallTime not_before;
  WallTime not_after;
};
Result<Blob> service_ca_to_be_signed(const ServiceCaProfile& profile);

/// `CN=<first name>`, serverAuth, with exactly these DNS names and addresses.
struct ServerProfile {
  Certificate issuer;  ///< the service CA
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  ///< IPv4 or IPv6, as text
  Blob spki;
  ByteArray<16> serial;
  WallTime not_before;
  WallTime not_after;
};
Result<Blob> server_to_be_signed(const ServerProfile& profile);

/// Certificate from TBSCertificate and an ECDSA-with-SHA-256 signature in DER.
Blob assemble_certificate(Bytes to_be_signed, Bytes signature_der);

}  // namespace holdfast::trust::x509
