// The audit chains of a backup, followed row by row as they come.
#pragma once

#include <map>

#include "ports/store/schema.h"
#include "trust/audit/chain.h"

namespace holdfast::service::backup {

class Chains {
 public:
  /// Corrupt at the first record that does not follow the one before. Rows of other tables are none of its business.
  Result<void> look_at(const ports::Schema& schema, const ports::Record& row);
  /// Corrupt unless every chain ended at its head.
  Result<void> require_heads() const;

 private:
  std::map<std::string, trust::audit::Head> followed_;  ///< by catalog
  std::map<std::string, trust::audit::Head> heads_;
};

}  // namespace holdfast::service::backup
