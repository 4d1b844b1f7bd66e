// One life of one database server: from our first session with it until that ends, is taken over or restarts.
// Commits do not wait for the disk; one session, the witness, makes durable what all others committed: its own commit
// does wait, and PostgreSQL keeps commits in order. That proves something only about the server that the witness has
// watched without a break, so every session first shows that it talks to that one, and all of them end with the
// witness.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "linux/store/postgres/session.h"

namespace holdfast::linux::store::postgres {

using Done = std::function<void(Result<void>)>;

class ServerLife {
 public:
  /// A server that answers a session of ours later than that is taken for lost. `last_tried` is where the life before
  /// ended: a primary that was given up by its standbys may go on taking writes that nobody confirms.
  static Result<std::shared_ptr<ServerLife>> begin(const std::string& url, std::size_t sessions_max,
                                                   Duration answers_within, const std::string& last_tried);
  ServerLife(const ServerLife&) = delete;
  ServerLife& operator=(const ServerLife&) = delete;
  ~ServerLife();  ///< answers who waits

  /// A session lent for one transaction.
  class Lease {
   public:
    Lease(ServerLife& life, std::unique_ptr<Session> session) : life_(&life), session_(std::move(session)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Session& operator*() { return *session_; }

   private:
    ServerLife* life_;
    std::unique_ptr<Session> session_;
  };
  /// Waits while all sessions are in use.
  Result<Lease> lease();

  /// Calls back when everything that was committed in this life before now is durable, or with why that is unknown.
  void flush(Done done);

  /// From now on nothing is lent or made durable any more.
  void end(const Error& error);
  bool is_over() const { return is_over_; }
  const std::string& server() const { return server_; }

  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  ServerLife(std::string url, std::size_t sessions_max, std::unique_ptr<Session> witness, std::string token);
  Patience patience() const { return {answers_within_, &is_over_}; }
  Result<std::unique_ptr<Session>> take();
  Result<std::unique_ptr<Session>> open() const;
  void give_back(std::unique_ptr<Session> session);
  Result<void> sync();
  void keep_syncing();

  const std::string url_;
  const std::size_t sessions_max_;
  const Duration answers_within_;
  std::unique_ptr<Session> witness_;
  const std::string server_;  ///< its server
  const std::string token_;   ///< the witness holds the advisory lock with this number

  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<Session>> free_;
  std::size_t sessions_ = 0;
  std::condition_variable wake_;
  std::vector<Done> waiting_;
  std::optional<Error> ended_;
  bool closing_ = false;
  std::atomic<bool> is_over_ = false;
  std::atomic<std::uint64_t> syncs_ = 0;
  std::atomic<std::uint64_t> acknowledged_ = 0;
  std::thread thread_;
};

}  // namespace holdfast::linux::store::postgres
