// The store that the options ask for: PostgreSQL by its URL, else SQLite in the folder.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "ports/store/store.h"

namespace holdfast::programs {

/// Since the store was opened.
struct StoreActivity {
  std::uint64_t commits = 0;
  std::uint64_t conflicts = 0;     ///< transactions that ran again because another one came first
  std::uint64_t syncs = 0;         ///< waits for the disk
  std::uint64_t acknowledged = 0;  ///< flushes that waited for one of them
};

struct OpenedStore {
  std::unique_ptr<ports::Store> store;
  std::function<StoreActivity()> activity;  ///< as long as the store
};

/// `database` is `postgres://…`; one that begins with `@` names a file of 0600 that holds the URL, since arguments of
/// programs can be read by others.
Result<OpenedStore> open_store(const std::filesystem::path& folder, const std::optional<std::string>& database);

/// Waits until everything written before is durable.
Result<void> flush(ports::Store& store);

/// Whether a store that failed like this serves nobody any more until it is opened again.
bool is_lost_for_good(const Error& error);

}  // namespace holdfast::programs
