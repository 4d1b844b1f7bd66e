// A file descriptor that is closed exactly once.
#pragma once

#include <utility>

namespace holdfast::linux::system {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  /// The caller's to close from now on.
  int release() && { return std::exchange(number_, -1); }

 private:
  int number_;
};

}  // namespace holdfast::linux::system
