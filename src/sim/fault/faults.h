// The power switch of a test world. Every call through a port is counted, and the power can be cut before or after any
// of them: "before" means that the call did nothing, "after" that it did everything and nobody heard the answer. From
// that instant on every call answers kCrashed, as a machine without power does nothing, until restart().
// Calls are numbered from 0 over the whole run, restarts included, so that a list of cuts names one schedule and
// repeats it. A cut leaves what the cut before it leaves, unless something changed in between: moments() are the cuts
// that leave something of their own. Not for use from two threads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace holdfast::sim::fault {

inline constexpr Reason kCrashed{"crashed"};

enum class Cut { Before, After };
std::string_view name_of(Cut cut);

struct PowerCut {
  std::int64_t call = 0;
  Cut when = Cut::Before;
  friend bool operator==(const PowerCut&, const PowerCut&) = default;
};

class Faults {
 public:
  /// Replaces the schedule; cuts at calls that have been made already never happen. Moments begin anew.
  void schedule(std::vector<PowerCut> cuts) {
    cuts_ = std::move(cuts);
    moments_.clear();
    is_changed_ = true;
  }
  /// Every call so far, before and after it, but for those at which nothing had changed since the one before.
  const std::vector<PowerCut>& moments() const { return moments_; }
  /// Something did that is no call, as time does that passes.
  void note_change() { is_changed_ = true; }

  bool crashed() const { return crashed_; }
  void restart() {
    crashed_ = false;
    is_changed_ = true;
  }
  std::int64_t calls() const { return calls_; }
  /// The call at which the power was last cut, in words, for the line that replays a run.
  const std::string& cut_at() const { return cut_at_; }

  /// One call through a port: `operation` returns a Result, `what` names the call.
  template <class Operation>
  auto call(std::string_view what, Operation&& operation) -> decltype(operation()) {
    if (auto begun = begin(what); !begun) return std::unexpected(std::move(begun).error());
    auto result = operation();
    is_changed_ = true;
    if (auto ended = end(what); !ended) return std::unexpected(std::move(ended).error());
    return result;
  }
  /// The same of a call that changes nothing.
  template <class Operation>
  auto look(std::string_view what, Operation&& operation) -> decltype(operation()) {
    if (auto begun = begin(what); !begun) return std::unexpected(std::move(begun).error());
    auto result = operation();
    if (auto ended = end(what); !ended) return std::unexpected(std::move(ended).error());
    return result;
  }

  /// The two halves of call(), for ports that have a hook of their own. A call that `begin` refused has no end.
  Result<void> begin(std::string_view what);
  Result<void> end(std::string_view what);

 private:
  Result<void> cut_if_scheduled(Cut when, std::int64_t call, std::string_view what);

  std::vector<PowerCut> cuts_;
  std::vector<PowerCut> moments_;
  bool is_changed_ = true;  ///< since the last moment
  std::int64_t calls_ = 0;
  bool crashed_ = false;
  std::string cut_at_;
};

}  // namespace holdfast::sim::fault
