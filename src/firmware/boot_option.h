// What firmware starts and in which order: EFI_LOAD_OPTION of a file on a partition, and lists of their numbers (UEFI
// 2.10 §3.1.3 and §3.3). A device has two of ours, one for each place; firmware may add more behind them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "firmware/guid.h"

namespace holdfast::firmware {

inline constexpr Reason kBootOptionMalformed{"boot-option-malformed"};
inline constexpr std::size_t kBootOptionsMax = 64;

/// Boot00A0 starts place A, Boot00B0 place B.
inline constexpr std::uint16_t kBootPlaceA = 0x00A0;
inline constexpr std::uint16_t kBootPlaceB = 0x00B0;
std::string boot_option_name(std::uint16_t number);

/// Of a disk with a GUID partition table; blocks of 512 bytes.
struct Partition {
  std::uint32_t number = 0;  ///< from 1
  std::uint64_t begin = 0;
  std::uint64_t blocks = 0;
  Guid id;
};

/// `path` as firmware writes it: \FILE.EFI. ASCII.
Blob boot_option(std::string_view description, const Partition& partition, std::string_view path);

/// BootOrder, BootNext and BootCurrent.
Blob boot_numbers(std::span<const std::uint16_t> numbers);
Result<std::vector<std::uint16_t>> parse_boot_numbers(Bytes value);

}  // namespace holdfast::firmware
