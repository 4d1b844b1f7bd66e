// ports::Transaction on a session. At a quick pace changes are posted together with the next question or the commit,
// and nobody waits for them: one that meets a row that is there, or none, fails on the server and takes the transaction
// with it. Then the work has to run again at a careful pace, which waits for each change and lets it fail alone.
#pragma once

#include <optional>

#include "linux/store/postgres/session.h"
#include "linux/store/sql/text.h"
#include "ports/store/store.h"

namespace holdfast::linux::store::postgres {

enum class Access { Read, Write };
enum class Pace { Quick, Careful };

/// The work took a change for done that was not; it has to run again with Pace::Careful.
inline constexpr Reason kTooQuick{"store-too-quick"};
/// The session was lost while it committed: nobody can say whether it did.
inline constexpr Reason kOutcomeUnknown{"store-outcome-unknown"};

class Transaction final : public ports::Transaction {
 public:
  Transaction(Session& session, Access access, Pace pace) : session_(&session), access_(access), pace_(pace) {}

  Result<void> insert(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> update(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> erase(const ports::Schema& schema, const ports::Record& key) override;
  Result<std::optional<ports::Record>> get(const ports::Schema& schema, const ports::Record& key) override;
  Result<std::vector<ports::Record>> scan(const ports::Schema& schema, const ports::Scan& scan) override;

  /// Begins, runs the work and commits; any error leaves the session without a transaction and the rows as they were,
  /// but for kOutcomeUnknown.
  Result<void> run(const ports::Work& work);

 private:
  template <class Operation>
  auto unless_ended(Operation operation) -> decltype(operation());
  Result<void> require_change();
  Result<Answer> answers();
  /// After a change was posted: `otherwise` where it changed nothing.
  template <class Otherwise>
  Result<void> changed(Otherwise otherwise);
  sql::StatementKey key_of_change(sql::Action action, const ports::Schema& schema) const;
  Result<void> update_carefully(const ports::Schema& schema, const ports::Record& row);
  void post_update(const ports::Schema& schema, const ports::Record& row);
  Result<void> walk(const ports::Schema& schema, const sql::Stretch& stretch, std::size_t limit,
                    std::vector<ports::Record>& rows);
  Result<void> commit();
  void roll_back();

  Session* session_;
  Access access_;
  Pace pace_;
  std::size_t changes_ = 0;
  std::optional<Error> ended_;
};

}  // namespace holdfast::linux::store::postgres
