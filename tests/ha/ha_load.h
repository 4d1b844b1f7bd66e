// Load that is told by lines what to do.
#pragma once

#include <string>
#include <vector>

namespace holdfast::tests {

inline constexpr std::size_t kLoadWords = 7;

/// FOLDER DEVICE_PORT MANAGEMENT_PORT OWNER_LINK LEDGER DEVICES OPERATORS; until standard input ends.
int play_load(const std::vector<std::string>& words);

}  // namespace holdfast::tests
