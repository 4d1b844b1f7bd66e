// A repository as one file, for places that no network reaches (docs/releases.md has the format): a tar archive
// (POSIX.1-2001, ustar with pax headers for long names) whose first member, `index.json`, says where each other lies,
// so that whoever has the file can read any part of it by its range. The same repository gives the same bytes. What is
// in it is as good as its signatures; the bundle itself promises nothing.
#pragma once

#include "cli/release/repository.h"

namespace holdfast::cli::release {

inline constexpr Reason kBundleTooLarge{"bundle-too-large"};

inline constexpr std::size_t kBundleMembersMax = 100'000;
inline constexpr std::size_t kTarBlockBytes = 512;

/// The header blocks of a member, with a pax header before them where the name needs one.
Result<Blob> tar_header(std::string_view name, std::int64_t length);
/// What fills a member up to whole blocks.
Blob tar_padding(std::int64_t length);

/// Writes what is published, with every content that a client could ask for. Returns how many members it has.
Result<std::size_t> write_bundle(Files& files, const Repository& repository, std::size_t roots,
                                 const std::string& file);

}  // namespace holdfast::cli::release
