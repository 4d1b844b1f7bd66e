#include "base/bytes.h"

#include <algorithm>

namespace holdfast {

bool equal(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

bool equal_in_constant_time(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

Blob concat(std::initializer_list<Bytes> parts) {
  std::size_t size = 0;
  for (Bytes part : parts) size += part.size();
  Blob all;
  all.reserve(size);
  for (Bytes part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace holdfast
