#include "linux/store/postgres/server_life.h"

#include "base/text.h"

namespace holdfast::linux::store::postgres {
namespace {

/// A transaction that writes nothing but this message, so that its commit waits for the disk and, where the server has
/// them, for its synchronous standbys.
constexpr const char* kSync = "SELECT pg_logical_emit_message(true, 'holdfast', '')";

Result<std::int64_t> number_of(Session& session, const std::string& question) {
  const Answer answer = TRY(session.run(question));
  if (answer.rows.size() == 1 && answer.rows[0].size() == 1) {
    if (const auto* number = std::get_if<std::int64_t>(&answer.rows[0][0])) return *number;
  }
  return fail(Next::Corrupt, ports::kStoreFailed, "expected a number from the database, saw something else");
}

}  // namespace

Result<std::shared_ptr<ServerLife>> ServerLife::begin(const std::string& url, std::size_t sessions_max,
                                                      Duration answers_within, const std::string& last_tried) {
  auto witness = TRY(Session::open(url, {.first = {}, .last = last_tried}, {answers_within}));
  const std::int64_t token = TRY(number_of(*witness, "SELECT hashtextextended(gen_random_uuid()::text, 0)"));
  witness->post("SET synchronous_commit = on");
  TRY(witness->run(cat("SELECT pg_advisory_lock(", token, ")")));
  return std::shared_ptr<ServerLife>(new ServerLife(url, sessions_max, std::move(witness), cat(token)));
}

ServerLife::ServerLife(std::string url, std::size_t sessions_max, std::unique_ptr<Session> witness, std::string token)
    : url_(std::move(url)),
      sessions_max_(sessions_max),
      answers_within_(witness->patience().answers_within),
      witness_(std::move(witness)),
      server_(witness_->server()),
      token_(std::move(token)) {
  witness_->set_patience(patience());
  thread_ = std::thread([this] { keep_syncing(); });
}

ServerLife::~ServerLife() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

ServerLife::Lease::~Lease() {
  if (session_) life_->give_back(std::move(session_));
}

Result<ServerLife::Lease> ServerLife::lease() { return Lease(*this, TRY(take())); }

/// The session shows that it talks to the witness's server: there the witness's lock cannot be had.
Result<std::unique_ptr<Session>> ServerLife::open() const {
  auto session = TRY(Session::open(url_, {.first = server_, .last = {}}, patience()));
  const auto has_lock = TRY(number_of(*session, cat("SELECT pg_try_advisory_lock(", token_, ")::int::bigint")));
  if (has_lock == 0) return session;
  return fail(Next::Retry, kSessionLost,
              "expected to reach the database server of the other sessions, saw another one");
}

Result<std::unique_ptr<Session>> ServerLife::take() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return ended_ || !free_.empty() || sessions_ < sessions_max_; });
  if (ended_) return std::unexpected(*ended_);
  if (!free_.empty()) {
    auto session = std::move(free_.back());
    free_.pop_back();
    return session;
  }
  ++sessions_;
  lock.unlock();
  auto session = open();
  if (session) return session;
  lock.lock();
  --sessions_;
  lock.unlock();
  given_back_.notify_one();
  return session;
}

void ServerLife::give_back(std::unique_ptr<Session> session) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || session->is_lost()) {
      --sessions_;
    } else {
      free_.push_back(std::move(session));
    }
  }
  given_back_.notify_one();
}

void ServerLife::flush(Done done) {
  std::unique_lock lock(mutex_);
  if (ended_) {
    const Error error = *ended_;
    lock.unlock();
    return done(std::unexpected(error));
  }
  waiting_.push_back(std::move(done));
  const bool first = waiting_.size() == 1;
  lock.unlock();
  if (first) wake_.notify_one();
}

void ServerLife::end(const Error& error) {
  std::vector<Done> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) ended_ = error;
    is_over_ = true;
    free_.clear();
    waiting.swap(waiting_);
  }
  given_back_.notify_all();
  for (const Done& done : waiting) done(std::unexpected(error));
}

/// A commit whose wait for the standbys somebody cancelled succeeds all the same, with a warning.
Result<void> ServerLife::sync() {
  witness_->take_warned();
  TRY(witness_->run(kSync));
  if (!witness_->take_warned()) return {};
  return fail(Next::Retry, kSessionLost, "expected the standbys to confirm a commit, saw PostgreSQL warn of it");
}

void ServerLife::keep_syncing() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<Done> waiting;
    waiting.swap(waiting_);
    lock.unlock();
    const Result<void> synced = sync();
    if (synced) {
      ++syncs_;
      acknowledged_ += waiting.size();
    }
    for (const Done& done : waiting) done(synced);
    if (!synced) end(synced.error());
    lock.lock();
  }
}

}  // namespace holdfast::linux::store::postgres
