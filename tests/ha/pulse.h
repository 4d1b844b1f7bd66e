// When each of those who ask was answered, and so how long nobody was.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace holdfast::tests {

class Pulse {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Pulse(std::vector<std::string> names) : names_(std::move(names)) {}

  /// `name` was answered just now what it asked at `asked`.
  void beat(const std::string& name, Time asked);
  /// Something died then.
  void mark(Time died);

  /// Of those whose names begin so: who has not been answered yet what they asked after the mark.
  std::vector<std::string> awaited(const std::string& prefix) const;
  /// The longest time since the mark in which nobody was answered, as far as it is over.
  std::chrono::milliseconds gap() const;
  /// How long after the mark the last of those whose names begin so was answered.
  std::chrono::milliseconds last_return(const std::string& prefix) const;

 private:
  mutable std::mutex lock_;
  const std::vector<std::string> names_;
  Time died_{};
  Time last_{};
  Time::duration gap_{};
  std::map<std::string, Time::duration> returned_;
};

}  // namespace holdfast::tests
