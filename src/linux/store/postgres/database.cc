#include "linux/store/postgres/database.h"

#include <unordered_map>

#include "base/time.h"
#include "linux/store/postgres/migrate.h"
#include "linux/store/postgres/server_life.h"
#include "linux/store/postgres/transaction.h"

namespace holdfast::linux::store::postgres {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kTriesMax = 50;
constexpr int kLivesMax = 3;  ///< that one transaction may outlive before it gives up
/// After a conflict transactions queue up for so long, and after a failed connection none is tried again for so long.
constexpr Duration kQueueFor{100};
constexpr Duration kReconnectAfter{200};

/// An advisory lock that processes queue at: an arbitrary number, distinct from the one of migrations.
constexpr const char* kEnterQueue = "SELECT pg_advisory_lock(4713850213640001)";
constexpr const char* kLeaveQueue = "SELECT pg_advisory_unlock(4713850213640001)";

/// The life of the server that we are with now.
class CurrentLife {
 public:
  explicit CurrentLife(const Options& options) : options_(options) {}

  Result<std::shared_ptr<ServerLife>> get() {
    const std::lock_guard lock(mutex_);
    if (life_ && !life_->is_over()) return life_;
    const auto now = std::chrono::steady_clock::now();
    if (failure_ && now < retry_at_) return std::unexpected(*failure_);
    const std::string last_tried = life_ ? life_->server() : std::string();
    auto life = ServerLife::begin(options_.url, options_.sessions, options_.answers_within, last_tried);
    if (!life) {
      failure_ = life.error();
      retry_at_ = std::chrono::steady_clock::now() + kReconnectAfter;
      return std::unexpected(*failure_);
    }
    failure_.reset();
    if (life_) count(*life_);
    life_ = *std::move(life);
    return life_;
  }

  std::shared_ptr<ServerLife> last() {
    const std::lock_guard lock(mutex_);
    return life_;
  }

  void add_to(Activity& activity) {
    const std::lock_guard lock(mutex_);
    activity.syncs = syncs_ + (life_ ? life_->syncs() : 0);
    activity.acknowledged = acknowledged_ + (life_ ? life_->acknowledged() : 0);
  }

 private:
  void count(const ServerLife& over) {
    syncs_ += over.syncs();
    acknowledged_ += over.acknowledged();
  }

  const Options options_;
  std::mutex mutex_;
  std::shared_ptr<ServerLife> life_;
  std::optional<Error> failure_;
  SteadyTime retry_at_;
  std::uint64_t syncs_ = 0;  ///< of earlier lives
  std::uint64_t acknowledged_ = 0;
};

/// In which life a thread has read or written since it last flushed.
class Participants {
 public:
  void note(const std::shared_ptr<ServerLife>& life) {
    const std::lock_guard lock(mutex_);
    lives_.try_emplace(std::this_thread::get_id(), life);
  }
  std::shared_ptr<ServerLife> take() {
    const std::lock_guard lock(mutex_);
    auto node = lives_.extract(std::this_thread::get_id());
    return node.empty() ? nullptr : std::move(node.mapped());
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::thread::id, std::shared_ptr<ServerLife>> lives_;
};

/// Transactions that met a conflict, and for a while all others, run one after the other.
class Queue {
 public:
  bool is_on() const { return SteadyTime::clock::now().time_since_epoch().count() < until_; }
  void conflicted() { until_ = (SteadyTime::clock::now() + kQueueFor).time_since_epoch().count(); }
  std::unique_lock<std::mutex> enter() { return std::unique_lock(mutex_); }

 private:
  std::mutex mutex_;
  std::atomic<SteadyTime::rep> until_ = 0;
};

class OpenDatabase final : public Database {
 public:
  explicit OpenDatabase(const Options& options) : current_(options) {}

  Result<void> start(const std::vector<ports::Migration>& migrations) {
    const auto life = TRY(current_.get());
    auto session = TRY(life->lease());
    return migrate(*session, migrations);
  }

  Result<void> write(const ports::Work& work) override {
    TRY(run(work, Access::Write));
    ++commits_;
    return {};
  }

  Result<void> read(const ports::Work& work) override { return run(work, Access::Read); }

  void flush(std::function<void(Result<void>)> done) override {
    auto life = participants_.take();
    if (!life) life = current_.last();
    life->flush(std::move(done));
  }

  void forget_past() override { participants_.take(); }

  Activity activity() const override {
    Activity out{.commits = commits_, .conflicts = conflicts_, .syncs = 0, .acknowledged = 0};
    current_.add_to(out);
    return out;
  }

 private:
  Result<void> run(const ports::Work& work, Access access) {
    Pace pace = Pace::Quick;
    int lives = 1;
    for (int tries = 1;; ++tries) {
      const bool queues = access == Access::Write && (tries > 1 || queue_.is_on());
      auto result = run_once(work, access, pace, queues);
      if (result) return result;
      const Reason reason = result.error().reason;
      if (reason == kTooQuick) {
        pace = Pace::Careful;
      } else if (reason == kNotSerializable && tries < kTriesMax) {
        ++conflicts_;
        queue_.conflicted();
      } else if (reason != kSessionLost || ++lives > kLivesMax) {
        return result;
      }
    }
  }

  Result<void> run_once(const ports::Work& work, Access access, Pace pace, bool queues) {
    std::unique_lock<std::mutex> turn;
    if (queues) turn = queue_.enter();
    const auto life = TRY(current_.get());
    participants_.note(life);
    auto result = [&]() -> Result<void> {
      auto lease = TRY(life->lease());
      return queues ? run_in_queue(*lease, work, pace) : Transaction(*lease, access, pace).run(work);
    }();
    if (!result && (result.error().reason == kSessionLost || result.error().reason == kOutcomeUnknown)) {
      life->end(result.error());
    }
    return result;
  }

  static Result<void> run_in_queue(Session& session, const ports::Work& work, Pace pace) {
    session.post(kEnterQueue);
    session.post_boundary();
    auto result = Transaction(session, Access::Write, pace).run(work);
    if (!session.is_lost()) TRY(session.run(kLeaveQueue));
    return result;
  }

  mutable CurrentLife current_;
  Participants participants_;
  Queue queue_;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> conflicts_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const Options& options,
                                                 const std::vector<ports::Migration>& migrations) {
  auto database = std::make_unique<OpenDatabase>(options);
  TRY(database->start(migrations));
  return database;
}

}  // namespace holdfast::linux::store::postgres
