// The servers that a URL of libpq names, in the order in which they are tried. libpq tries them as they are written and
// stays with the first that takes writes; who knows more than the URL does says so here.
#pragma once

#include <string>

namespace holdfast::linux::store::postgres {

/// By `host:port`; empty where there is none.
struct Preference {
  std::string first;
  std::string last;  ///< where it is not the first
};

/// The values of libpq's keywords, each a list with commas; empty where the URL says nothing that could be reordered.
struct Servers {
  std::string host;
  std::string hostaddr;
  std::string port;
  friend bool operator==(const Servers&, const Servers&) = default;
};

Servers servers_of(const std::string& url, const Preference& preference);

}  // namespace holdfast::linux::store::postgres
