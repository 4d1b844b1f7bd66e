// What figures are measured against: OpenSSL called directly, with keys made beforehand and nothing of ours around it.
#pragma once

#include <functional>

#include "base/bytes.h"

namespace holdfast::bench {

/// One ECDSA P-256 signature over the SHA-256 of 32 bytes, DER included.
std::function<void()> p256_sign();

/// One ECDSA P-256 verification over the SHA-256 of `message`; key and signature decoded beforehand.
std::function<void()> p256_verify();

}  // namespace holdfast::bench
