// DER taken apart element by element, for the .cc files of this directory: OpenSSL reads each tag and length. For what
// d2i_X509 and d2i_X509_REQ would decode a public key on the way, which costs more than verifying with it.
#pragma once

#include <optional>

#include "trust/x509/der.h"

namespace holdfast::trust::x509 {

struct Element {
  Bytes whole;
  Bytes contents;
};

/// The next element of `from`, which then begins behind it; nothing where it has another tag, a length that is not the
/// shortest (X.690 §10.1), or ends beyond `from`.
std::optional<Element> take(Bytes& from, DerTag tag);

}  // namespace holdfast::trust::x509
