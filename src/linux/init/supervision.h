// When what runs for the whole life of a boot is started again after it ended: at once, then later and later; and when
// it has ended so often that only a boot can help. Time is an argument; who starts and kills is somebody else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace holdfast::linux::init {

/// A process that ran so long is well: its next end is its first.
inline constexpr Duration kWellAfter = minutes(10);
inline constexpr Duration kRestartFirst = seconds(1);
inline constexpr Duration kRestartMax = minutes(5);
/// So many ends in a row of what a device cannot be without: it boots, and a trial falls back.
inline constexpr int kEndsMax = 6;

class Supervised {
 public:
  Supervised(std::string name, bool is_vital) : name_(std::move(name)), is_vital_(is_vital) {}

  const std::string& name() const { return name_; }
  bool runs() const { return started_.has_value(); }
  /// When it is to be started; none while it runs.
  std::optional<Instant> start_at() const { return start_at_; }
  void started(Instant now);
  /// `was_killed`: it did nothing any more, however long it ran.
  void ended(Instant now, bool was_killed = false);
  /// It did what it was for, and is to do it again; none: once somebody says when.
  void rests(std::optional<Instant> until);
  /// It is started now, whatever it waits for.
  void hurry(Instant now);
  /// Only a boot helps.
  bool is_lost() const { return is_vital_ && ends_ >= kEndsMax; }
  int ends() const { return ends_; }

 private:
  std::string name_;
  bool is_vital_;
  std::optional<Instant> started_;
  std::optional<Instant> start_at_ = Instant{};
  int ends_ = 0;  ///< in a row
};

}  // namespace holdfast::linux::init
