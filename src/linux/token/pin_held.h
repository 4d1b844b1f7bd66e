// The PIN that opens a token, read from a file, and the memory of one that the token refused. For the .cc files of this
// directory alone.
#pragma once

#include "linux/token/cryptoki_held.h"
#include "linux/token/pkcs11_token.h"

namespace holdfast::linux::token {

class Pin {
 public:
  /// From `options.pin_file`, else from the URI's pin-source, a path or `file:` with one.
  static Result<Pin> read(const Uri& uri, TokenOptions options);

  Bytes expose() const { return pin_.expose(); }
  /// Denied where this token refused this PIN before.
  Result<void> require_not_refused(const CK_TOKEN_INFO& token) const;
  void note_refused(const CK_TOKEN_INFO& token);

 private:
  Pin(Secret pin, TokenOptions options) : pin_(std::move(pin)), options_(std::move(options)) {}
  Blob digest(const CK_TOKEN_INFO& token) const;

  Secret pin_;
  TokenOptions options_;
  Blob refused_;  ///< since this process began, should the file not be writable
};

}  // namespace holdfast::linux::token
