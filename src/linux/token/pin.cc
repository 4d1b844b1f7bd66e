#include "base/text.h"
#include "linux/system/files.h"
#include "linux/token/pin_held.h"
#include "trust/crypto/hash.h"

namespace holdfast::linux::token {
namespace {

constexpr std::string_view kFileScheme = "file:";

std::optional<std::filesystem::path> source_of(const Uri& uri) {
  const char* source = p11_kit_uri_get_pin_source(uri.get());
  if (source == nullptr) return {};
  std::string_view text(source);
  if (text.starts_with(kFileScheme)) text.remove_prefix(kFileScheme.size());
  return std::filesystem::path(text);
}

}  // namespace

Result<Pin> Pin::read(const Uri& uri, TokenOptions options) {
  const auto path = options.pin_file ? options.pin_file : source_of(uri);
  if (!path) {
    return fail(
        Next::Rejected, kTokenPinMissing,
        "expected a file with the token's PIN (pin-source in the URI, --token-pin, or the credential token.pin), "
        "saw none");
  }
  const Secret file = TRY(system::read_secret_file(*path, kPinBytesMax));
  Bytes pin = file.expose();
  while (!pin.empty() && (pin.back() == '\n' || pin.back() == '\r')) pin = pin.first(pin.size() - 1);
  if (!pin.empty()) return Pin(Secret(pin), std::move(options));
  return fail(Next::Rejected, kTokenPinMissing, cat("expected the token's PIN in ", path->string(), ", saw nothing"));
}

Blob Pin::digest(const CK_TOKEN_INFO& token) const {
  const std::string which = cat("holdfast-refused-pin-v1/", unpadded(token.serialNumber), "/", unpadded(token.label));
  return trust::crypto::hmac(trust::crypto::HashAlgorithm::Sha256, options_.digest_key.expose(),
                             {as_bytes(which), as_bytes("/"), pin_.expose()});
}

Result<void> Pin::require_not_refused(const CK_TOKEN_INFO& token) const {
  if ((token.flags & CKF_USER_PIN_LOCKED) != 0) {
    return fail(Next::Denied, kTokenLocked,
                cat("the PIN of the token '", printable(unpadded(token.label)),
                    "' is locked; its security officer sets it anew"));
  }
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0) {
    return fail(Next::Denied, kTokenLocked,
                cat("one more wrong PIN locks the token '", printable(unpadded(token.label)),
                    "'; log in to it once by hand before it is tried again"));
  }
  const Blob mine = digest(token);
  const auto kept = system::read_file(options_.refused_pin_file, mine.size());
  if (mine != refused_ && (!kept || *kept != mine)) return {};
  return fail(
      Next::Denied, kTokenPinWrong,
      cat("the token '", printable(unpadded(token.label)),
          "' refused this PIN before, and it is not tried again; put the right one into the PIN's file, or remove ",
          options_.refused_pin_file.string()));
}

void Pin::note_refused(const CK_TOKEN_INFO& token) {
  refused_ = digest(token);
  // What cannot be written is at least known to this process.
  const auto written = system::write_file(options_.refused_pin_file, refused_, system::FileMode::Private);
  static_cast<void>(written);
}

}  // namespace holdfast::linux::token
