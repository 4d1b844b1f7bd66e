// Keys and the roles that they hold, as root and targets metadata carry them (TUF 1.0 §4.3, §4.5).
#pragma once

#include "trust/tuf/envelope.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kKeyIdWrong{"key-id-wrong"};
inline constexpr Reason kKeyTwice{"key-twice"};

/// An object of keys by their ids, none of them twice.
Result<std::vector<Key>> read_keys(const json::Value& value);
/// An object with `keyids`, of these keys, and `threshold`. One that the keys cannot reach is read: nothing of the role
/// will ever be good.
Result<Role> read_role(const json::Value& value, std::string_view name, const std::vector<Key>& keys);

/// The owner's side: nobody is made a role that its keys cannot speak for.
Result<void> require_reachable(std::string_view name, const Role& role);

}  // namespace holdfast::trust::tuf
