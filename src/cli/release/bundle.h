// A repository as one file, for places that no network reaches (wire/bundle.h has the format): everything that a client
// could ask for, and what is carried beside it (wire/carried.h). The same repository gives the same bytes. What is in
// it is as good as its signatures; the bundle itself promises nothing.
#pragma once

#include "cli/release/repository.h"
#include "wire/bundle.h"

namespace holdfast::cli::release {

/// Writes what is published, with every content that a client could ask for. Returns how many members it has.
Result<std::size_t> write_bundle(Files& files, const Repository& repository, std::size_t roots,
                                 const std::string& file);

}  // namespace holdfast::cli::release
