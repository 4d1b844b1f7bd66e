#include <openssl/asn1.h>
#include <openssl/err.h>

#include "trust/x509/certificate_held.h"
#include "trust/x509/elements_held.h"
#include "trust/x509/not_after.h"

namespace holdfast::trust::x509 {
namespace {

constexpr int kMalformed = 0x80;
constexpr int kIndefinite = 0x01;

std::unexpected<Error> no_certificate() {
  return refused(Next::Corrupt, kCertificateMalformed, "expected the validity of a stored certificate, saw none");
}

}  // namespace

std::optional<Element> take(Bytes& from, DerTag tag) {
  if (from.empty() || from.front() != tag) return std::nullopt;
  const std::uint8_t* at = from.data();
  long length = 0;
  int seen_tag = 0;
  int seen_class = 0;
  const int flags = ASN1_get_object(&at, &length, &seen_tag, &seen_class, static_cast<long>(from.size()));
  if ((flags & (kMalformed | kIndefinite)) != 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  const auto header = static_cast<std::size_t>(at - from.data());
  const std::size_t size = header + static_cast<std::size_t>(length);
  const int shortest = ASN1_object_size(flags & V_ASN1_CONSTRUCTED, static_cast<int>(length), seen_tag);
  if (size != static_cast<std::size_t>(shortest)) return std::nullopt;
  const Element out{from.first(size), from.subspan(header, size - header)};
  from = from.subspan(size);
  return out;
}

Result<WallTime> stored_not_after(Bytes certificate) {
  const auto outer = take(certificate, kDerSequence);
  if (!outer) return no_certificate();
  Bytes rest = outer->contents;
  const auto tbs = take(rest, kDerSequence);
  if (!tbs) return no_certificate();
  rest = tbs->contents;
  for (const DerTag before : {der_context_constructed(0), kDerInteger, kDerSequence, kDerSequence}) {
    if (!take(rest, before)) return no_certificate();
  }
  const auto validity = take(rest, kDerSequence);
  if (!validity) return no_certificate();
  rest = validity->contents;
  if (!take(rest, kDerUtcTime) && !take(rest, kDerGeneralizedTime)) return no_certificate();
  const std::uint8_t* at = rest.data();
  const std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>> not_after(
      d2i_ASN1_TIME(nullptr, &at, static_cast<long>(rest.size())));
  const auto time = wall_time_of(not_after.get(), kCertificateMalformed);
  if (!time) return no_certificate();
  return *time;
}

}  // namespace holdfast::trust::x509
