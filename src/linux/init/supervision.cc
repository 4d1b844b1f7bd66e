#include "linux/init/supervision.h"

#include <algorithm>

namespace holdfast::linux::init {
namespace {

constexpr int kDoublingsMax = 16;

}  // namespace

void Supervised::started(Instant now) {
  started_ = now;
  start_at_.reset();
}

void Supervised::ended(Instant now, bool was_killed) {
  const bool was_well = !was_killed && started_ && now - *started_ >= kWellAfter;
  ends_ = was_well ? 1 : ends_ + 1;
  started_.reset();
  const Duration wait = kRestartFirst * (1 << std::min(ends_ - 1, kDoublingsMax));
  start_at_ = now + std::min(wait, kRestartMax);
}

void Supervised::rests(std::optional<Instant> until) {
  ends_ = 0;
  started_.reset();
  start_at_ = until;
}

void Supervised::hurry(Instant now) { start_at_ = now; }

}  // namespace holdfast::linux::init
