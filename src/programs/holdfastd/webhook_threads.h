// The threads that carry webhook events out of the outbox: each claims an event, makes the claim durable, sends it, and
// writes down what became of it. There are a few, so that one receiver that never answers holds up nobody else.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/callout.h"
#include "ports/clock.h"
#include "service/deps.h"

namespace holdfast::programs {

inline constexpr unsigned kWebhookThreads = 4;

class WebhookThreads {
 public:
  /// Both must outlive it.
  WebhookThreads(service::Deps& deps, ports::Clock& clock);
  /// Waits for attempts under way, which are bounded (linux/net/https_callout.h).
  ~WebhookThreads();

 private:
  void run();
  /// Whether there was an event to deliver.
  Result<bool> deliver_one(ports::Callout& callout);
  /// After a pause; false once they are to stop.
  bool goes_on(Duration pause);

  service::Deps& deps_;
  ports::Clock& clock_;
  std::mutex lock_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::programs
