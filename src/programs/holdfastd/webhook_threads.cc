#include "programs/holdfastd/webhook_threads.h"

#include "linux/net/https_callout.h"
#include "programs/holdfastd/open_store.h"
#include "service/webhook/delivery.h"

namespace holdfast::programs {
namespace {

namespace webhook = service::webhook;

/// Between two looks when nothing is due: the longest that an event waits for a thread.
constexpr Duration kLookEvery = seconds(1);

}  // namespace

WebhookThreads::WebhookThreads(service::Deps& deps, ports::Clock& clock) : deps_(deps), clock_(clock) {
  for (unsigned i = 0; i < kWebhookThreads; ++i) threads_.emplace_back([this] { run(); });
}

WebhookThreads::~WebhookThreads() {
  {
    const std::lock_guard hold(lock_);
    stopping_ = true;
  }
  stopped_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WebhookThreads::run() {
  linux::net::HttpsCallout callout(clock_);
  for (;;) {
    // A store that fails leaves nothing to do: the listeners find out too, and end the process where they must.
    const auto delivered = deliver_one(callout);
    callout.close_ended();
    if (!goes_on(delivered && *delivered ? Duration::zero() : kLookEvery)) return;
  }
}

bool WebhookThreads::goes_on(Duration pause) {
  std::unique_lock hold(lock_);
  return !stopped_.wait_for(hold, pause, [this] { return stopping_; });
}

Result<bool> WebhookThreads::deliver_one(ports::Callout& callout) {
  deps_.store.forget_past();
  const auto delivery = TRY(webhook::claim(deps_, clock_.wall_time()));
  if (!delivery) return false;
  TRY(flush(deps_.store));
  const auto outcome = webhook::attempt(deps_, callout, *delivery, clock_.wall_time());
  TRY(webhook::record(deps_, *delivery, outcome, clock_.wall_time()));
  TRY(flush(deps_.store));
  return true;
}

}  // namespace holdfast::programs
