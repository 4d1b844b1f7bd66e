#include "linux/http/mailbox.h"

#include <utility>

namespace holdfast::linux::http {

void Mailbox::deliver(std::function<void()> letter) {
  const std::lock_guard hold(lock_);
  if (loop_ == nullptr) return;
  letters_.push_back(std::move(letter));
  if (letters_.size() == 1) loop_->post([self = shared_from_this()] { self->open(); });
}

void Mailbox::open() {
  std::vector<std::function<void()>> letters;
  {
    const std::lock_guard hold(lock_);
    letters.swap(letters_);
  }
  for (const auto& letter : letters) letter();
}

void Mailbox::close() {
  const std::lock_guard hold(lock_);
  loop_ = nullptr;
  letters_.clear();
}

}  // namespace holdfast::linux::http
