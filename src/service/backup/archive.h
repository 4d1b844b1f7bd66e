// The form of a backup (docs/backup.md): one line of JSON that says what it is, then chunks, each sealed by the service
// key for its place in this one archive, the last one marked. So it tells nothing to who lacks the key, and a chunk
// that was changed, moved, left out or taken from another archive, and an end that was cut off, are Corrupt.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "ports/store/schema.h"
#include "service/backup/tape.h"
#include "service/keyring.h"

namespace holdfast::service::backup {

inline constexpr Reason kArchiveMalformed{"archive-malformed"};
inline constexpr Reason kArchiveOfAnotherKey{"archive-of-another-key"};
inline constexpr Reason kArchiveTooNew{"archive-too-new"};

inline constexpr int kArchiveVersion = 1;

struct Header {
  std::string id;  ///< 32 hexadecimal digits
  WallTime made_at;
  std::int64_t migration = 0;   ///< the newest that the database had
  std::string key_fingerprint;  ///< Keyring::fingerprint()
};

/// From here on rows are of this table, with these columns.
struct TableBegins {
  std::string name;
  std::vector<std::string> columns;
};
struct End {
  std::uint64_t rows = 0;
};
using Item = std::variant<TableBegins, ports::Record, End>;

class Writer {
 public:
  Writer(Keyring& keyring, Sink& sink) : keyring_(keyring), sink_(sink) {}

  Result<void> begin(const Header& header);
  Result<void> put(const Item& item);  ///< an End is the last one

 private:
  Result<void> flush(bool is_last);

  Keyring& keyring_;
  Sink& sink_;
  std::string id_;
  std::uint64_t chunk_ = 0;
  Blob open_;  ///< the chunk that is being filled
};

class Reader {
 public:
  Reader(const Keyring& keyring, Source& source) : keyring_(keyring), source_(source) {}

  /// Denied (kArchiveOfAnotherKey) where another service key made it; Rejected (kArchiveTooNew) for a later version.
  Result<Header> begin();
  Result<Item> next();  ///< after an End there is no more to ask for

 private:
  Result<void> fill();

  const Keyring& keyring_;
  Source& source_;
  std::string id_;
  std::uint64_t chunk_ = 0;
  Secret held_;
  std::size_t at_ = 0;
  bool is_last_ = false;
};

}  // namespace holdfast::service::backup
