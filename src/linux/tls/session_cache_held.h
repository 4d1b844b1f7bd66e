// The server's sessions, in memory (RFC 8446 §4.6.1). Ours and not OpenSSL's internal one, because a session has to
// end with its certificate: there, sessions that end at different times make every insertion a walk through the list.
// Each session is resumed once and replaced by a fresh ticket, which inherits its end: resuming prolongs nothing.
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "linux/tls/openssl_held.h"
#include "ports/clock.h"

namespace holdfast::linux::tls {

class SessionCache {
 public:
  SessionCache(std::size_t sessions_max, Duration life, ports::Clock& clock)
      : sessions_max_(sessions_max), life_(life), clock_(clock) {}

  /// Keeps `session`, for as long as its certificate and its life last; `resumed` is the one that it replaces.
  void put(Session session, const std::optional<SessionId>& resumed);
  /// A reference of the caller's own; null when there is none or it has ended.
  Session find(const SessionId& id);
  void erase(const SessionId& id);
  std::size_t size() const;

 private:
  struct Kept {
    Session session;
    Instant ends;
    std::optional<WallTime> not_after;  ///< of the client's certificate
    std::list<SessionId>::iterator age;
  };
  struct FirstBytes {
    std::size_t operator()(const SessionId& id) const;
  };
  bool has_ended(const Kept& kept) const;
  void drop(const SessionId& id);

  const std::size_t sessions_max_;
  const Duration life_;
  ports::Clock& clock_;
  mutable std::mutex lock_;
  std::unordered_map<SessionId, Kept, FirstBytes> kept_;
  std::list<SessionId> oldest_first_;
};

}  // namespace holdfast::linux::tls
