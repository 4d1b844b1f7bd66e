// Bytes that must not leak: wiped when they go, compared in constant time, never printed, moved but not copied.
// Reading them is spelled `expose()`, so that every use shows in review.
#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"

namespace holdfast {

/// Overwrites memory in a way that the compiler may not leave out.
void wipe(std::span<std::uint8_t> memory);
inline void wipe(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

class Secret {
 public:
  Secret() = default;
  explicit Secret(Blob bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(Bytes bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  ~Secret() { wipe(bytes_); }

  Bytes expose() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  Secret clone() const { return Secret(Bytes(bytes_)); }
  bool matches(Bytes other) const { return equal_in_constant_time(bytes_, other); }

 private:
  Blob bytes_;
};

}  // namespace holdfast
