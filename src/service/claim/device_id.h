// A device's printed name, from the key that it can never change.
#pragma once

#include <string>

#include "base/bytes.h"

namespace holdfast::service::claim {

/// `hf-xxxx-xxxx-xxxx-xxxx`: the first 80 bits of the endorsement key's SubjectPublicKeyInfo digest in lower-case
/// Crockford base32. The full digest is the identity; two keys with the same name are refused, not confused.
std::string device_id(const Digest256& ek_sha256);

}  // namespace holdfast::service::claim
