// Where things lie in an image repository: `metadata/` under consistent names, `targets/` with each content under its
// digest (TUF 1.0 §6.2).
#pragma once

#include "cli/world/files.h"
#include "trust/tuf/targets.h"

namespace holdfast::cli::release {

inline constexpr std::string_view kTopRole = "targets";
inline constexpr std::string_view kSnapshotRole = "snapshot";
inline constexpr std::string_view kTimestampRole = "timestamp";

/// `metadata/timestamp.json`
std::string metadata_file(std::string_view repository, std::string_view name);
/// `3.targets.json`
std::string versioned(std::int64_t version, std::string_view role);
/// The version in the name of a role's document; none where the name is of something else.
std::optional<std::int64_t> version_in(std::string_view name, std::string_view role);

/// `a/b` lies at `a/<SHA-256>.b`.
std::string place_of(std::string_view path, const Digest256& sha256);
std::string folder_of(std::string_view path);

/// How another document names this one.
trust::tuf::MetaFile meta_of(std::int64_t version, Bytes document);

/// Writes a content under its digest. Returns what targets metadata says of it.
Result<trust::tuf::Target> write_content(Files& files, std::string_view repository, const std::string& path,
                                         Bytes content);
/// Refuses other bytes than these.
Result<Blob> read_content(Files& files, std::string_view repository, const std::string& path, const Digest256& sha256,
                          std::size_t bytes_max);

}  // namespace holdfast::cli::release
