#include <cstring>

#include "linux/tls/session_cache_held.h"

namespace holdfast::linux::tls {
namespace {

std::optional<SessionId> id_of(const SSL_SESSION* session) {
  unsigned size = 0;
  const unsigned char* bytes = SSL_SESSION_get_id(session, &size);
  if (size != kSessionIdBytes) return std::nullopt;
  SessionId id;
  std::memcpy(id.data(), bytes, id.size());
  return id;
}

}  // namespace

/// Ids are random bytes of our own making; those that clients invent are only looked up.
std::size_t SessionCache::FirstBytes::operator()(const SessionId& id) const {
  std::size_t first = 0;
  std::memcpy(&first, id.data(), sizeof first);
  return first;
}

bool SessionCache::has_ended(const Kept& kept) const {
  return clock_.now() >= kept.ends || (kept.not_after && clock_.wall_time() > *kept.not_after);
}

void SessionCache::drop(const SessionId& id) {
  const auto at = kept_.find(id);
  if (at == kept_.end()) return;
  oldest_first_.erase(at->second.age);
  kept_.erase(at);
}

void SessionCache::put(Session session, const std::optional<SessionId>& resumed) {
  const auto id = id_of(session.get());
  if (!id) return;
  const X509* peer = SSL_SESSION_get0_peer(session.get());
  std::optional<WallTime> not_after;
  if (peer != nullptr) not_after = not_after_of(peer);

  const std::lock_guard hold(lock_);
  Instant ends = clock_.now() + life_;
  if (resumed) {
    // Used by two connections at once, the session is gone for the second, which then has no end to inherit.
    const auto before = kept_.find(*resumed);
    if (before == kept_.end()) return;
    ends = before->second.ends;
    drop(*resumed);
  }
  drop(*id);
  while (kept_.size() >= sessions_max_) drop(SessionId(oldest_first_.front()));
  const auto age = oldest_first_.insert(oldest_first_.end(), *id);
  kept_.emplace(*id, Kept{std::move(session), ends, not_after, age});
}

Session SessionCache::find(const SessionId& id) {
  const std::lock_guard hold(lock_);
  const auto at = kept_.find(id);
  if (at == kept_.end()) return nullptr;
  if (has_ended(at->second)) {
    drop(id);
    return nullptr;
  }
  SSL_SESSION_up_ref(at->second.session.get());
  return Session(at->second.session.get());
}

void SessionCache::erase(const SessionId& id) {
  const std::lock_guard hold(lock_);
  drop(id);
}

std::size_t SessionCache::size() const {
  const std::lock_guard hold(lock_);
  return kept_.size();
}

}  // namespace holdfast::linux::tls
