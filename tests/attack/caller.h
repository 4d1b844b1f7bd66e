// How tests ask the service over TLS: honest requests with a status and a JSON answer, and raw bytes of any kind.
#pragma once

#include <string>

#include "base/json/value.h"
#include "linux/net/client.h"
#include "linux/system/clock.h"
#include "tls/raw_client.h"

namespace holdfast::tests {

struct Answer {
  int status = 0;  ///< 0: none came
  linux::net::Headers headers;
  json::Value body;

  /// The reason of a problem document; empty for another answer.
  std::string reason() const;
  std::string text(std::string_view member) const;
  std::string header(std::string_view name) const;
  json::Array items() const;
};

/// One connection after another to one port; not for several threads at once. As honest clients do, it waits when it is
/// told that it asks too often, and tries again when a connection is refused.
class Caller {
 public:
  explicit Caller(std::uint16_t port, std::string token = {}) : port_(port), token_(std::move(token)) {}

  Answer get(const std::string& path) { return send("GET", path, {}); }
  /// The items of every page.
  json::Array list(const std::string& path);
  Answer post(const std::string& path, const json::Value& body) { return send("POST", path, json::dump(body)); }
  Answer send(const std::string& method, const std::string& path, std::string_view body,
              const std::optional<linux::net::ClientKey>& identity = {});

  linux::net::Headers headers;  ///< sent with each request beside what it needs

 private:
  Answer send_once(const linux::net::Call& call);

  std::uint16_t port_;
  std::string token_;
  linux::system::SystemClock clock_;
  linux::net::Client client_{clock_, {}};
};

/// A connection that proves nothing and asks for no proof; tried again while it is refused.
class Raw {
 public:
  explicit Raw(std::uint16_t port, const std::string& from = "127.0.0.1");
  test::RawClient* operator->() { return client_.get(); }

 private:
  std::unique_ptr<linux::tls::Connector> connector_;
  std::unique_ptr<test::RawClient> client_;
};

std::unique_ptr<linux::tls::Connector> unverified_connector();

/// The status of the first answer in `text`; 0 where there is none.
int status_of(const std::string& text);
/// The answer to exactly these bytes, sent on a connection of their own; again while they come too often.
std::string answer_to(std::uint16_t port, std::string_view bytes);
/// A request with a body and its length.
std::string request(const std::string& method, const std::string& path, std::string_view body = {},
                    const std::string& headers = {});

}  // namespace holdfast::tests
