#include "trust/x509/crl.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/crl_held.h"

namespace holdfast::trust::x509 {
namespace {

constexpr long kVersion2 = 1;
constexpr std::size_t kNumberBytesMax = 8;
constexpr std::string_view kLabel = "X509 CRL";

std::unexpected<Error> malformed(std::string_view expected, std::string_view seen) {
  return refused(Next::Rejected, kCrlMalformed, cat("expected ", expected, ", saw ", seen));
}

Result<CrlHeld> decode(Bytes der) {
  if (der.size() > kCrlBytesMax) return malformed(cat("a list of at most ", kCrlBytesMax, " bytes"), "a longer one");
  const std::uint8_t* at = der.data();
  CrlHeld crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!crl || at != der.data() + der.size()) {
    return malformed("one revocation list", cat(der.size(), " bytes that are none"));
  }
  if (X509_CRL_get_version(crl.get()) != kVersion2) return malformed("version 2 (RFC 5280 §5.1.2.1)", "another");
  return crl;
}

Result<void> require_known_extensions(const X509_CRL* crl) {
  std::vector<std::string> seen;
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* extension = X509_CRL_get_ext(crl, i);
    std::string oid = oid_of(X509_EXTENSION_get_object(extension));
    if (std::ranges::find(seen, oid) != seen.end()) return malformed(cat("extension ", oid, " once"), "it again");
    if (X509_EXTENSION_get_critical(extension) == 1 && oid != kOidIssuingDistributionPoint) {
      return malformed("no critical extension but the issuing distribution point (RFC 5280 §5.2)", oid);
    }
    seen.push_back(std::move(oid));
  }
  return {};
}

Result<std::uint64_t> read_number(const X509_CRL* crl) {
  using Held = std::unique_ptr<ASN1_INTEGER, Freer<ASN1_INTEGER_free>>;
  const Held number(static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr)));
  std::uint64_t out = 0;
  if (!number || bytes_of(number.get()).size() > kNumberBytesMax || ASN1_INTEGER_get_uint64(&out, number.get()) != 1) {
    return malformed("a CRL number of at most 8 bytes (RFC 5280 §5.2.3)", "none");
  }
  return out;
}

/// Lists of a part of what the issuer made (by kind of certificate, by reason, by another's leave) are refused.
Result<std::optional<std::string>> read_url(const X509_CRL* crl) {
  using Held = std::unique_ptr<ISSUING_DIST_POINT, Freer<ISSUING_DIST_POINT_free>>;
  int critical = -1;
  const Held point(
      static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, nullptr)));
  if (!point && critical == -1) return std::nullopt;
  if (!point) return malformed("an issuing distribution point in its own form", "other bytes");
  if (point->onlyuser > 0 || point->onlyCA > 0 || point->onlyattr > 0 || point->indirectCRL > 0 ||
      point->onlysomereasons != nullptr) {
    return malformed("a list of all that its issuer made", "one of a part (RFC 5280 §5.2.5)");
  }
  std::optional<std::string> url = full_name_url(point->distpoint);
  if (!url) return malformed("one URI as issuing distribution point", "another name");
  return url;
}

Result<RevocationReason> read_reason(const X509_REVOKED* entry) {
  using Held = std::unique_ptr<ASN1_ENUMERATED, Freer<ASN1_ENUMERATED_free>>;
  for (int i = 0; i < X509_REVOKED_get_ext_count(entry); ++i) {
    X509_EXTENSION* extension = X509_REVOKED_get_ext(entry, i);
    if (X509_EXTENSION_get_critical(extension) == 1) return malformed("no critical entry extension", "one");
  }
  int critical = -1;
  const Held code(static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &critical, nullptr)));
  if (!code && critical == -1) return RevocationReason::Unspecified;
  const long value = code ? ASN1_ENUMERATED_get(code.get()) : -1;
  // 7 is unused, and 8 takes a certificate off a list, which only a delta list may do (RFC 5280 §5.3.1).
  if (value < 0 || value > 10 || value == 7 || value == 8) return malformed("a reason code of a full list", "another");
  return static_cast<RevocationReason>(value);
}

Result<std::vector<Revocation>> read_entries(X509_CRL* crl) {
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  std::vector<Revocation> out;
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(entry);
    if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER) return malformed("positive serials", "a negative one");
    const WallTime at = TRY(wall_time_of(X509_REVOKED_get0_revocationDate(entry), kCrlMalformed));
    const RevocationReason reason = TRY(read_reason(entry));
    out.push_back({.serial = bytes_of(serial), .at = at, .reason = reason});
  }
  std::ranges::sort(out, {}, &Revocation::serial);
  return out;
}

/// SHA-2, or Ed25519 which hashes by itself; chains have OpenSSL's security level for this.
bool is_signed_well(const X509_CRL* crl) {
  int digest = NID_undef;
  int key = NID_undef;
  if (OBJ_find_sigid_algs(X509_CRL_get_signature_nid(crl), &digest, &key) != 1) return false;
  return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512 || key == NID_ED25519;
}

Blob issuer_of(const X509_CRL* crl) {
  const std::uint8_t* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(X509_CRL_get_issuer(crl), &der, &size) != 1) return {};
  return Blob(der, der + size);
}

}  // namespace

Bytes Crl::der() const { return held_->der; }
std::uint64_t Crl::number() const { return held_->number; }
WallTime Crl::this_update() const { return held_->this_update; }
WallTime Crl::next_update() const { return held_->next_update; }
Bytes Crl::issuer_der() const { return held_->issuer_der; }
std::optional<std::string> Crl::url() const { return held_->url; }
std::size_t Crl::size() const { return held_->entries.size(); }
const std::vector<Revocation>& Crl::entries() const { return held_->entries; }

std::optional<Revocation> Crl::find(Bytes serial) const {
  const Blob wanted = to_blob(serial);
  const auto at = std::ranges::lower_bound(held_->entries, wanted, {}, &Revocation::serial);
  if (at == held_->entries.end() || at->serial != wanted) return std::nullopt;
  return *at;
}

Result<Crl> parse_crl(Bytes der) {
  CrlHeld crl = TRY(decode(der));
  TRY(require_known_extensions(crl.get()));
  const std::uint64_t number = TRY(read_number(crl.get()));
  std::optional<std::string> url = TRY(read_url(crl.get()));
  // A list without nextUpdate never goes stale; RFC 5280 §5.1.2.5 has it there.
  const WallTime this_update = TRY(wall_time_of(X509_CRL_get0_lastUpdate(crl.get()), kCrlMalformed));
  const WallTime next_update = TRY(wall_time_of(X509_CRL_get0_nextUpdate(crl.get()), kCrlMalformed));
  std::vector<Revocation> entries = TRY(read_entries(crl.get()));
  Blob issuer = issuer_of(crl.get());
  return Crl(std::make_shared<const Crl::Held>(Crl::Held{.crl = std::move(crl),
                                                         .der = to_blob(der),
                                                         .number = number,
                                                         .this_update = this_update,
                                                         .next_update = next_update,
                                                         .issuer_der = std::move(issuer),
                                                         .url = std::move(url),
                                                         .entries = std::move(entries)}));
}

Result<std::vector<Crl>> read_crls(std::string_view pem) {
  const std::vector<Blob> blocks = TRY(pem_blocks(pem, kLabel));
  if (blocks.empty()) return fail(Next::Rejected, kPemMalformed, "expected at least one revocation list, saw none");
  std::vector<Crl> out;
  out.reserve(blocks.size());
  for (const Blob& block : blocks) out.push_back(TRY(parse_crl(block)));
  return out;
}

bool is_issuer_of(const Certificate& issuer, const Crl& crl) {
  return X509_NAME_cmp(X509_get_subject_name(issuer.held().x509.get()), X509_CRL_get_issuer(crl.held().crl.get())) == 0;
}

Result<void> verify_crl(const Crl& crl, const Certificate& issuer, WallTime now) {
  X509* x509 = issuer.held().x509.get();
  if (!is_issuer_of(issuer, crl)) {
    return fail(Next::Rejected, kCrlUntrusted,
                cat("expected a revocation list by '", issuer.subject_text(), "', saw another issuer's"));
  }
  const bool may_sign = issuer.is_ca() && (X509_get_key_usage(x509) & KU_CRL_SIGN) != 0;  // all bits where it is absent
  if (!may_sign) {
    return fail(Next::Rejected, kCrlUntrusted,
                cat("expected a CA that may sign revocation lists, saw '", issuer.subject_text(), "'"));
  }
  if (!is_signed_well(crl.held().crl.get()) || X509_CRL_verify(crl.held().crl.get(), X509_get0_pubkey(x509)) != 1) {
    return refused(Next::Rejected, kCrlUntrusted,
                   cat("expected a revocation list signed by '", issuer.subject_text(), "', saw another signature"));
  }
  const WallTime second = WallTime::from_seconds(now.whole_seconds());
  if (second < crl.this_update() || second > crl.next_update()) {
    return fail(Next::Rejected, kCrlNotCurrent,
                cat("expected a revocation list for ", to_rfc3339(second), ", saw one for ",
                    to_rfc3339(crl.this_update()), " to ", to_rfc3339(crl.next_update())));
  }
  return {};
}

}  // namespace holdfast::trust::x509
