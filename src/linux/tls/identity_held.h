// Gives libssl a certificate and its key.
#pragma once

#include "linux/tls/hooked_key_held.h"

namespace holdfast::linux::tls {

/// The hooked key, which must outlive `settings`, where the identity has one; else null.
Result<std::unique_ptr<HookedKey>> install(SSL_CTX* settings, const Identity& identity);

}  // namespace holdfast::linux::tls
