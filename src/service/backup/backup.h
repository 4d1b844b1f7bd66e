// Backups of a whole service: every table, as one transaction sees it, while the service goes on. They hold no service
// key, and are worth nothing without it.
#pragma once

#include <functional>
#include <map>

#include "ports/random.h"
#include "ports/store/store.h"
#include "service/backup/archive.h"

namespace holdfast::service::backup {

struct Summary {
  Header header;
  std::map<std::string, std::uint64_t> rows;  ///< by table
  std::uint64_t total = 0;
};

Result<Summary> back_up(ports::Store& store, Keyring& keyring, ports::Random& random, Sink& sink, WallTime now);

/// The rows of a backup one by one, as this version has them, counted in `summary`; Corrupt unless they are as many as
/// its end says.
Result<void> read_rows(Reader& reader, Summary& summary,
                       const std::function<Result<void>(const ports::Schema& schema, ports::Record row)>& take);

/// Reads a backup to its end: whole and unchanged, each table known, each row of its table's shape, the audit chains
/// unbroken up to their heads.
Result<Summary> verify(const Keyring& keyring, Source& source);

}  // namespace holdfast::service::backup
