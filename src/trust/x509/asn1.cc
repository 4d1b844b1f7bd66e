#include <openssl/err.h>

#include "base/text.h"
#include "trust/x509/certificate_held.h"

namespace holdfast::trust::x509 {
namespace {

constexpr int kOidCharsMax = 128;
constexpr std::int64_t kSecondsPerDay = 86'400;

}  // namespace

std::unexpected<Error> refused(Next next, Reason reason, std::string message) {
  ERR_clear_error();
  return fail(next, reason, std::move(message));
}

Blob bytes_of(const ASN1_STRING* text) {
  const std::uint8_t* at = ASN1_STRING_get0_data(text);
  return Blob(at, at + ASN1_STRING_length(text));
}

std::string text_of(const ASN1_STRING* text) { return to_text(bytes_of(text)); }

std::string oid_of(const ASN1_OBJECT* object) {
  char text[kOidCharsMax];
  const int size = OBJ_obj2txt(text, sizeof text, object, 1);
  // One that does not fit is none that a rule here knows; it must still differ from every other.
  if (size <= 0 || size >= kOidCharsMax) return "unprintable";
  return std::string(text, static_cast<std::size_t>(size));
}

Result<WallTime> wall_time_of(const ASN1_TIME* time, Reason reason) {
  const std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>> epoch(ASN1_TIME_set(nullptr, 0));
  int days_since = 0;
  int seconds_since = 0;
  if (time == nullptr || ASN1_TIME_diff(&days_since, &seconds_since, epoch.get(), time) != 1) {
    return refused(Next::Rejected, reason, "expected a UTCTime or GeneralizedTime, saw none");
  }
  return WallTime::from_seconds(days_since * kSecondsPerDay + seconds_since);
}

std::optional<std::string> full_name_url(const DIST_POINT_NAME* name) {
  if (name == nullptr || name->type != 0 || sk_GENERAL_NAME_num(name->name.fullname) != 1) return std::nullopt;
  const GENERAL_NAME* only = sk_GENERAL_NAME_value(name->name.fullname, 0);
  if (only->type != GEN_URI) return std::nullopt;
  return text_of(only->d.uniformResourceIdentifier);
}

}  // namespace holdfast::trust::x509
