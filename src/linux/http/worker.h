// One thread of a server: its event loop, its connections, and when each has to be looked at again. All workers wait on
// the one listening socket: unlike SO_REUSEPORT this cannot be joined by a second server that was started on the same
// port by mistake. One is woken for a connection, mostly the same, and accepts it at once, since nobody else was told;
// where it is well ahead it hands the socket, before the first byte, to the worker with the fewest.
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <unordered_map>

#include "linux/http/connection.h"
#include "linux/http/deadlines.h"
#include "linux/http/mailbox.h"
#include "linux/http/response_writer.h"
#include "linux/http/serving.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::http {

class Worker {
 public:
  /// Owns `listener`, a descriptor of its own of the listening socket.
  Worker(Serving& serving, int listener);
  ~Worker();

  using Team = std::vector<std::unique_ptr<Worker>>;

  /// The thread's work; returns once drain() is through. `team`: all workers of the server, this one too.
  void run(const Team& team);
  /// From any thread.
  void drain();

  // For its connections.
  Serving& serving() { return serving_; }
  EventLoop& loop() { return loop_; }
  std::shared_ptr<Mailbox> mailbox() { return mailbox_; }
  std::span<std::uint8_t> scratch() { return scratch_; }
  std::string_view date() { return dates_.at(serving_.clock.wall_time()); }
  bool is_draining() const { return drain_ends_.has_value(); }
  void set_deadline(std::uint64_t id, Instant at) { deadlines_.set(id, at.ms); }
  void set_certificate_end(std::uint64_t id, WallTime not_after);
  void handshake_ended(std::uint64_t id) { leave(members_.at(id)); }
  void body_began(std::uint64_t id) { join(id, bodies_); }
  void body_ended(std::uint64_t id) { leave(members_.at(id)); }
  void forget(std::uint64_t id);

 private:
  struct Listening;
  /// Connections in a state that only a slow or hostile client stays in; beyond the bound the oldest is dropped, since
  /// an honest one takes milliseconds.
  struct Crowd {
    std::size_t max;
    std::string_view what;
    std::list<std::uint64_t> oldest_first{};
  };
  struct Member {
    std::shared_ptr<Connection> connection;
    Crowd* crowd = nullptr;
    std::list<std::uint64_t>::iterator place{};  ///< in the crowd
  };

  void listen();
  void accept();
  void pause();
  Worker& taker();
  void take(system::Descriptor socket, const Source& source);
  bool admit(system::Descriptor socket, const Source& source);
  void join(std::uint64_t id, Crowd& crowd);
  void leave(Member& member);
  void keep_ticking();
  void tick();
  void begin_drain();
  std::shared_ptr<Connection> find(std::uint64_t id) const;

  Serving& serving_;
  EventLoop loop_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>(loop_);
  const Team* team_ = nullptr;
  std::atomic<std::size_t> load_ = 0;  ///< its connections, also those that are on their way to it
  std::unique_ptr<EventLoop::Watch> listener_;
  const std::shared_ptr<Waiter> listening_;
  std::unordered_map<std::uint64_t, Member> members_;
  Crowd handshakes_{serving_.handshakes_per_worker_max, "unfinished handshakes"};
  Crowd bodies_{serving_.bodies_per_worker_max, "unfinished bodies"};
  DateLine dates_;
  Deadlines deadlines_;
  Deadlines certificate_ends_;
  std::uint64_t next_id_ = 1;
  bool is_ticking_ = false;
  bool is_paused_ = false;  ///< not accepting until a tick, for want of descriptors
  std::optional<std::chrono::steady_clock::time_point> drain_ends_;
  std::array<std::uint8_t, 16 * 1024> scratch_{};
};

}  // namespace holdfast::linux::http
