// Which connection has to be looked at when. One time per id; setting it again moves it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>

namespace holdfast::linux::http {

class Deadlines {
 public:
  void set(std::uint64_t id, std::int64_t at_ms);
  void clear(std::uint64_t id);
  /// Takes out one whose time has come.
  std::optional<std::uint64_t> take_due(std::int64_t now_ms);

 private:
  std::set<std::pair<std::int64_t, std::uint64_t>> by_time_;
  std::unordered_map<std::uint64_t, std::int64_t> by_id_;
};

}  // namespace holdfast::linux::http
