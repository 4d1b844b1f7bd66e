// SHA-256 of bytes that come in pieces. It takes no memory but its own, and reaches none of libcrypto's providers, so
// that a small program stays small.
#pragma once

#include "base/bytes.h"

namespace holdfast::trust::crypto {

class RunningSha256 {
 public:
  RunningSha256();
  void add(Bytes bytes);
  /// Of all that was added; it begins anew afterwards.
  Digest256 take();

 private:
  alignas(8) ByteArray<112> state_;
};

}  // namespace holdfast::trust::crypto
