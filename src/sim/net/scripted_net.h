// A network whose answers a test writes down: one handler per method and path, the requests kept in order. Whatever has
// no handler is unreachable.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ports/net.h"

namespace holdfast::sim::net {

using Answer = std::function<Result<ports::NetAnswer>(const ports::NetRequest&)>;

/// An answer that is the same each time.
Answer always(int status, Bytes body);
Answer unreachable();

class ScriptedNet final : public ports::Net {
 public:
  /// Replaces the handler of `method` and `path`.
  void on(std::string_view method, std::string_view path, Answer answer);
  /// For every path that begins with `prefix` and has no handler of its own.
  void on_below(std::string_view method, std::string_view prefix, Answer answer);
  Result<ports::NetAnswer> exchange(const ports::NetRequest& request) override;

  const std::vector<ports::NetRequest>& requests() const { return requests_; }
  /// How often `path` was asked for.
  std::size_t count(std::string_view path) const;
  void forget_requests() { requests_.clear(); }

 private:
  std::map<std::string, Answer, std::less<>> answers_;
  std::map<std::string, Answer, std::less<>> answers_below_;
  std::vector<ports::NetRequest> requests_;
};

}  // namespace holdfast::sim::net
