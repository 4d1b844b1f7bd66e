// The suffixes of some bytes in order, to find where the longest beginning of others stands in them.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace holdfast::delta::make {

class Suffixes {
 public:
  /// `text`, at most 2 GiB, must outlive it. Takes four bytes of memory for each of its bytes.
  explicit Suffixes(Bytes text);

  struct Found {
    std::size_t begin = 0;  ///< in the text
    std::size_t length = 0;
  };
  /// Where most bytes of `wanted` stand, from its first on; among equally many, where `near` is close by if that is
  /// cheap to see.
  Found longest(Bytes wanted, std::size_t near) const;

 private:
  std::size_t common(std::size_t begin, Bytes wanted, std::size_t known) const;

  Bytes text_;
  std::vector<std::int32_t> order_;
  std::vector<std::uint32_t> first_;  ///< by two bytes: where the suffixes that begin with them begin in order_
};

}  // namespace holdfast::delta::make
