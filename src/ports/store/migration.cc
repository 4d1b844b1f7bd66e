#include "ports/store/migration.h"

#include "base/check.h"
#include "base/text.h"

namespace holdfast::ports {

Result<std::vector<const Migration*>> missing_migrations(const std::vector<Migration>& known,
                                                         const std::vector<std::int64_t>& applied) {
  for (std::size_t i = 0; i < known.size(); ++i) CHECK_INVARIANT(std::cmp_equal(known[i].number, i + 1));
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (!std::cmp_equal(applied[i], i + 1)) {
      return fail(Next::Corrupt, kMigrationsBroken,
                  cat("expected migration ", i + 1, " in the database, saw ", applied[i]));
    }
  }
  std::vector<const Migration*> missing;
  for (std::size_t i = applied.size(); i < known.size(); ++i) missing.push_back(&known[i]);
  return missing;
}

}  // namespace holdfast::ports
