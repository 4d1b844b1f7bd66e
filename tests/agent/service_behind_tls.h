// A scripted service behind a real server: HTTP/1.1 over TLS 1.3 on loopback, with a CA of its own.
#pragma once

#include <memory>
#include <mutex>

#include "linux/http/server.h"
#include "linux/system/clock.h"
#include "linux/system/random.h"
#include "sim/service/scripted_service.h"
#include "tls/certificates.h"

namespace holdfast::tests {

class ServiceBehindTls {
 public:
  ServiceBehindTls();

  /// Reads or changes the service while nobody is answered.
  template <class Use>
  auto with(Use use) {
    const std::lock_guard hold(lock_);
    return use(service_);
  }
  std::size_t check_ins();

 private:
  linux::http::Response answer(const linux::http::Request& request);

  linux::system::SystemClock clock_;
  linux::system::SystemRandom random_;
  std::mutex lock_;
  sim::net::ScriptedNet net_;
  sim::service::ScriptedService service_{random_, clock_};
  std::size_t check_ins_ = 0;
  std::unique_ptr<linux::http::Server> server_;
};

}  // namespace holdfast::tests
