// ports::Repository on a web server, by https or plain http: whoever answers, since signatures and digests decide. It
// never follows a redirect. One connection is kept.
#pragma once

#include "linux/net/link.h"
#include "ports/repository.h"

namespace holdfast::linux::net {

class WebRepository final : public ports::Repository {
 public:
  /// `base`: `https://host[:port][/path]`, or `http://`.
  static Result<std::unique_ptr<WebRepository>> make(std::string_view base, ports::Clock& clock,
                                                     const Timeouts& timeouts = {});
  Result<std::optional<Blob>> fetch(std::string_view path, std::size_t bytes_max) override;

 private:
  WebRepository(ServiceAddress address, std::string folder, std::unique_ptr<tls::Connector> connector,
                ports::Clock& clock, const Timeouts& timeouts)
      : address_(std::move(address)),
        folder_(std::move(folder)),
        connector_(std::move(connector)),
        clock_(clock),
        timeouts_(timeouts) {}
  Result<Answer> ask(std::string_view path, std::size_t bytes_max);

  ServiceAddress address_;
  std::string folder_;                         ///< begins and ends with a slash
  std::unique_ptr<tls::Connector> connector_;  ///< none: plain
  ports::Clock& clock_;
  Timeouts timeouts_;
  std::optional<Link> link_;
};

}  // namespace holdfast::linux::net
