// What the workers of one server share.
#pragma once

#include "linux/http/admission.h"
#include "linux/http/server.h"

namespace holdfast::linux::http {

struct Serving {
  Limits limits;
  std::unique_ptr<tls::Acceptor> tls;
  ports::Clock& clock;
  Handler handler;
  Flush flush;
  std::vector<ports::AddressRange> proxies;
  Refused refused;
  std::size_t handshakes_per_worker_max;  ///< at least 1, as is the next
  std::size_t bodies_per_worker_max;
  Admission admission{limits};

  void report(const Source& source, const Error& error) const {
    if (refused) refused(source.address, error);
  }
};

}  // namespace holdfast::linux::http
