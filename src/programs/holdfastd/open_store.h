// The store that the options ask for: PostgreSQL by its URL, else SQLite in the folder.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "ports/store/store.h"

namespace holdfast::programs {

/// `database` is `postgres://…`; one that begins with `@` names a file of 0600 that holds the URL, since arguments of
/// programs can be read by others.
Result<std::unique_ptr<ports::Store>> open_store(const std::filesystem::path& folder,
                                                 const std::optional<std::string>& database);

/// Whether a store that failed like this serves nobody any more until it is opened again.
bool is_lost_for_good(const Error& error);

}  // namespace holdfast::programs
