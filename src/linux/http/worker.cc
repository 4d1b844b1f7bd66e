#include "linux/http/worker.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"

namespace holdfast::linux::http {
namespace {

/// How late a deadline may be noticed.
constexpr Duration kTick{100};
/// More connections than another worker by so many, and that one takes the next.
constexpr std::size_t kAheadMax = 16;
/// Before the connections that are there have their turn.
constexpr int kAcceptedAtOnce = 8;

Source peer_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(from).sin6_addr;
    return source_of(Bytes(address.s6_addr, sizeof address.s6_addr));
  }
  const auto& address = reinterpret_cast<const sockaddr_in&>(from).sin_addr;
  return source_of(Bytes(reinterpret_cast<const std::uint8_t*>(&address.s_addr), sizeof address.s_addr));
}

bool is_out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

struct Worker::Listening final : Waiter {
  explicit Listening(Worker& to) : worker(to) {}
  void on_ready() override { worker.accept(); }
  Worker& worker;
};

Worker::Worker(Serving& serving, int listener)
    : serving_(serving),
      listener_(std::make_unique<EventLoop::Watch>(loop_, listener)),
      listening_(std::make_shared<Listening>(*this)) {}

Worker::~Worker() { mailbox_->close(); }

void Worker::run(const Team& team) {
  team_ = &team;
  listen();
  loop_.run();
}

void Worker::listen() {
  is_paused_ = false;
  if (!listener_->wait(Readiness::Acceptable, listening_)) pause();
}

/// A listener that has more wakes again.
void Worker::accept() {
  if (is_draining()) return;
  for (int accepted = 0; accepted < kAcceptedAtOnce; ++accepted) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    system::Descriptor socket(
        ::accept4(listener_->number(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open() && is_out_of_resources(errno)) return pause();
    if (!socket.is_open()) break;
    Worker& worker = taker();
    ++worker.load_;
    if (&worker == this) {
      take(std::move(socket), peer_of(from));
      continue;
    }
    worker.loop_.post([&worker, shared = std::make_shared<system::Descriptor>(std::move(socket)),
                       source = peer_of(from)] { worker.take(std::move(*shared), source); });
  }
  listen();
}

Worker& Worker::taker() {
  Worker& least = **std::ranges::min_element(*team_, {}, [](const auto& one) { return one->load_.load(); });
  return load_ > least.load_ + kAheadMax ? least : *this;
}

void Worker::pause() {
  is_paused_ = true;
  listener_->rest();
  keep_ticking();
}

void Worker::take(system::Descriptor socket, const Source& source) {
  if (is_draining() || !admit(std::move(socket), source)) --load_;
}

/// Refused connections are closed without a word: a handshake only to say 503 is what a flood would ask for.
bool Worker::admit(system::Descriptor socket, const Source& source) {
  const bool is_proxy = ports::is_within(serving_.proxies, source.ip);
  if (!is_proxy) {
    const auto admitted = serving_.admission.connect(source, serving_.clock.now());
    if (!admitted) {
      serving_.report(source, admitted.error());
      return false;
    }
  }
  auto stream = serving_.tls->accept(socket.number());
  if (!stream) {
    if (!is_proxy) serving_.admission.disconnect(source);
    serving_.report(source, stream.error());
    return false;
  }
  const int on = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::uint64_t id = next_id_++;
  const auto peer = is_proxy ? Connection::Peer::Proxy : Connection::Peer::Client;
  const auto connection =
      std::make_shared<Connection>(*this, id, std::move(socket).release(), source, peer, std::move(*stream));
  members_.emplace(id, Member{connection});
  join(id, handshakes_);
  keep_ticking();
  connection->start();
  return true;
}

void Worker::join(std::uint64_t id, Crowd& crowd) {
  Member& member = members_.at(id);
  member.crowd = &crowd;
  member.place = crowd.oldest_first.insert(crowd.oldest_first.end(), id);
  if (crowd.oldest_first.size() <= crowd.max) return;
  find(crowd.oldest_first.front())
      ->refuse(Error{Next::Exhausted, kHttpTooMany,
                     cat("expected at most ", crowd.max, " ", crowd.what, ", dropped the oldest")});
}

void Worker::leave(Member& member) {
  if (member.crowd != nullptr) member.crowd->oldest_first.erase(member.place);
  member.crowd = nullptr;
}

void Worker::set_certificate_end(std::uint64_t id, WallTime not_after) {
  certificate_ends_.set(id, not_after.ms + 1);  // notAfter itself still belongs to the validity (RFC 5280 §4.1.2.5)
}

void Worker::forget(std::uint64_t id) {
  const auto at = members_.find(id);
  Member member = std::move(at->second);
  members_.erase(at);
  --load_;
  leave(member);
  deadlines_.clear(id);
  certificate_ends_.clear(id);
  if (member.connection->is_admitted()) serving_.admission.disconnect(member.connection->source());
  if (is_draining() && members_.empty()) loop_.stop();
}

std::shared_ptr<Connection> Worker::find(std::uint64_t id) const { return members_.at(id).connection; }

void Worker::keep_ticking() {
  if (std::exchange(is_ticking_, true)) return;
  loop_.after(kTick, [this] { tick(); });
}

void Worker::tick() {
  is_ticking_ = false;
  while (const auto id = deadlines_.take_due(serving_.clock.now().ms)) find(*id)->on_deadline();
  while (const auto id = certificate_ends_.take_due(serving_.clock.wall_time().ms)) find(*id)->on_certificate_end();
  if (drain_ends_ && std::chrono::steady_clock::now() >= *drain_ends_) return loop_.stop();
  if (is_paused_ && !is_draining()) listen();
  if (!members_.empty() || is_paused_) keep_ticking();
}

void Worker::drain() {
  loop_.post([this] { begin_drain(); });
}

void Worker::begin_drain() {
  drain_ends_ = std::chrono::steady_clock::now() + serving_.limits.drain_time;
  listener_->close();
  std::vector<std::shared_ptr<Connection>> connections;
  for (const auto& [id, member] : members_) connections.push_back(member.connection);
  for (const auto& connection : connections) connection->drain();
  if (members_.empty()) return loop_.stop();
  keep_ticking();
}

}  // namespace holdfast::linux::http
