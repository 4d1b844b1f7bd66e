// A device whose sectors are encrypted (dm-crypt, AES-256-XTS), mapped by the kernel. The key goes to the kernel
// through a keyring that is emptied again, so that nobody reads it back, root neither.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace holdfast::linux::init {

inline constexpr Reason kCryptFailed{"crypt-failed"};
inline constexpr std::size_t kCryptKeyBytes = 64;

/// The device that reads and writes `device` through the key, such as /dev/dm-2.
Result<std::string> map_encrypted(const std::string& device, const Secret& key);

}  // namespace holdfast::linux::init
