// The owner's private keys as files: PKCS#8 in PEM, 0600, made once and never replaced.
#pragma once

#include "cli/world/world.h"
#include "trust/crypto/key.h"
#include "trust/tuf/envelope.h"

namespace holdfast::cli::owner {

inline constexpr Reason kKeyFileMalformed{"key-file-malformed"};
inline constexpr std::size_t kKeyFileBytesMax = 16 * 1024;

trust::crypto::PrivateKey new_key(ports::Random& random);
/// Conflict where the file is there already.
Result<void> write_key(Files& files, const std::string& file, const trust::crypto::PrivateKey& key);
/// P-256 or Ed25519.
Result<trust::crypto::PrivateKey> read_key(Files& files, const std::string& file);
/// The key in the file, made where there is none.
Result<trust::crypto::PrivateKey> settle_key(World& world, const std::string& file);

}  // namespace holdfast::cli::owner
