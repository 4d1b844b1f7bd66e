#include "linux/wait/periodic.h"

namespace holdfast::linux::wait {

Periodic::Periodic(Duration period, std::function<void()> work)
    : period_(period), work_(std::move(work)), thread_([this] { run(); }) {}

Periodic::~Periodic() {
  {
    const std::lock_guard hold(lock_);
    is_over_ = true;
  }
  end_.notify_one();
  thread_.join();
}

void Periodic::run() {
  std::unique_lock hold(lock_);
  while (!end_.wait_for(hold, period_, [this] { return is_over_; })) {
    hold.unlock();
    work_();
    hold.lock();
  }
}

}  // namespace holdfast::linux::wait
