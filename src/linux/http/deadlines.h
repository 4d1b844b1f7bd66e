// Which connection has to be looked at when. One time per id; setting it again moves it. A time that moves later costs
// nothing until the earlier one has come, since a connection's deadline moves with each request and seldom passes.
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
  struct Times {
    std::int64_t due;
    std::int64_t looked_at;  ///< its place in the order; never after `due`
  };

  void move(std::uint64_t id, Times& times, std::int64_t looked_at);

  std::set<std::pair<std::int64_t, std::uint64_t>> order_;
  std::unordered_map<std::uint64_t, Times> by_id_;
};

}  // namespace holdfast::linux::http
