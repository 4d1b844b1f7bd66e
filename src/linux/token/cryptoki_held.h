// What every call into a PKCS#11 module needs: the module loaded through p11-kit and given back, the one token in it
// that an RFC 7512 URI means, return values as our Errors. For the .cc files of this directory alone.
#pragma once

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace holdfast::linux::token {

/// `CKR_PIN_INCORRECT`, or its number.
std::string name_of(CK_RV value);
/// Whether the session or the login is gone, so that a new one may do what this one did not.
bool is_lost(CK_RV value);
/// What a failed call means to who asked for `what`.
Error error_of(CK_RV value, std::string_view what);
Result<void> done(CK_RV value, std::string_view what);

/// Text that PKCS#11 pads with spaces.
template <std::size_t N>
std::string unpadded(const unsigned char (&text)[N]) {
  std::string out(reinterpret_cast<const char*>(text), N);
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

struct UriFreer {
  void operator()(P11KitUri* uri) const { p11_kit_uri_free(uri); }
};
using Uri = std::unique_ptr<P11KitUri, UriFreer>;
/// Rejected (kTokenUriWrong) unless it is `pkcs11:` with parts that all are known, and without a PIN in it.
Result<Uri> parse_uri(const std::string& text);

/// The modules that a URI may mean, initialised: that of its `module-path`, else those that p11-kit's configuration
/// names.
class Modules {
 public:
  static Result<Modules> load(const Uri& uri);
  Modules(Modules&& other) noexcept;
  Modules& operator=(Modules&&) = delete;
  ~Modules();

  struct Slot {
    CK_FUNCTION_LIST* module;
    CK_SLOT_ID id;
    CK_TOKEN_INFO token;
  };
  /// The only token that the URI fits.
  Result<Slot> find(const Uri& uri) const;

 private:
  Modules() = default;
  CK_FUNCTION_LIST* one_ = nullptr;
  CK_FUNCTION_LIST** configured_ = nullptr;
};

}  // namespace holdfast::linux::token
