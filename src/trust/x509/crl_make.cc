#include <algorithm>

#include "base/text.h"
#include "trust/x509/authority.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/crl.h"
#include "trust/x509/der.h"
#include "trust/x509/fields.h"
#include "trust/x509/pem.h"
#include "trust/x509/profile.h"

namespace holdfast::trust::x509 {
namespace {

constexpr Duration kCrlLifeMax = days(31);
constexpr std::size_t kEntryBytesMax = 64;
constexpr std::size_t kRevocationsMax = kCrlBytesMax / kEntryBytesMax;

std::unexpected<Error> refused_profile(std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kProfileRefused, cat("expected ", expected, ", saw ", printable(seen, 80)));
}

Blob entry(const Revocation& revocation) {
  // An unspecified reason is left out (RFC 5280 §5.3.1).
  Blob extensions;
  if (revocation.reason != RevocationReason::Unspecified) {
    const ByteArray<1> code{static_cast<std::uint8_t>(revocation.reason)};
    extensions = der_sequence({extension(kOidCrlReason, false, der_element(kDerEnumerated, {code}))});
  }
  return der_sequence({der_integer(revocation.serial), der_time(revocation.at), extensions});
}

Blob entries(const std::vector<Revocation>& revoked) {
  if (revoked.empty()) return {};  // RFC 5280 §5.1.2.6: the list itself is left out, too
  Blob out;
  out.reserve(revoked.size() * kEntryBytesMax);
  for (const Revocation& revocation : revoked) {
    const Blob one = entry(revocation);
    out.insert(out.end(), one.begin(), one.end());
  }
  return der_sequence({out});
}

}  // namespace

Result<Blob> crl_to_be_signed(const CrlProfile& profile) {
  const bool is_roots = profile.url.empty();
  TRY(require_life(profile.this_update, profile.next_update, is_roots ? kIssuingCaLifeMax : kCrlLifeMax));
  if (!is_roots) TRY(require_url(profile.url));
  if (!profile.issuer.is_ca() || profile.issuer.subject_key_identifier().empty()) {
    return refused_profile("a CA with a key identifier", profile.issuer.subject_text());
  }
  if (profile.revoked.size() > kRevocationsMax) {
    return refused_profile(cat("at most ", kRevocationsMax, " entries"), cat(profile.revoked.size()));
  }
  const auto is_sound = [](const Revocation& one) {
    return !one.serial.empty() && one.at.ms >= 0 && one.at <= kTimeMax;
  };
  if (!std::ranges::all_of(profile.revoked, is_sound)) return refused_profile("serials and times in entries", "none");
  const Blob number = extension(kOidCrlNumber, false, der_integer(profile.number));
  const Blob point = is_roots ? Blob() : issuing_distribution_point(profile.url);
  const Blob extensions =
      der_sequence({authority_key_identifier(profile.issuer.subject_key_identifier()), number, point});
  return der_sequence({der_integer(std::uint64_t{1}), der_ecdsa_sha256(), profile.issuer.subject_der(),
                       der_time(profile.this_update), der_time(profile.next_update), entries(profile.revoked),
                       der_element(der_context_constructed(0), {extensions})});
}

Blob assemble_crl(Bytes to_be_signed, Bytes signature_der) {
  return der_signed_with_ecdsa_sha256(to_be_signed, signature_der);
}

std::string crl_to_pem(Bytes der) { return to_pem("X509 CRL", der); }

}  // namespace holdfast::trust::x509
