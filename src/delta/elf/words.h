// Little-endian words in memory whose bounds the caller has checked.
#pragma once

#include <bit>
#include <cstring>

#include "base/bytes.h"

namespace holdfast::delta::elf {

template <class T>
T word_at(const std::uint8_t* at) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

template <class T>
void put_word(std::uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

}  // namespace holdfast::delta::elf
