// Files with their references replaced by names of what they refer to, so that code that moved looks the same. The old
// file's are named after where their targets went, by a vote of the references that are aligned so far: matching such
// bytes finds what matching plain ones cannot tell apart.
#pragma once

#include <unordered_map>

#include "delta/elf/references.h"

namespace holdfast::delta::make {

/// Every reference of a file, by offset.
Result<std::vector<elf::Site>> all_sites(const elf::SiteFinder& finder, Bytes file);

/// Where targets of the old file went, as the references say that `matches` align.
class Votes {
 public:
  Votes(const std::vector<elf::Site>& old_sites, const std::vector<elf::Site>& new_sites,
        std::span<const format::Match> matches);

  /// The most voted for new target, or none.
  const std::uint64_t* winner(const elf::Site& site) const;

  /// By how much most of the old addresses in [begin, end) moved; 0: nobody voted.
  std::int64_t usual_shift(std::uint64_t begin, std::uint64_t end) const;

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> winners_;
};

Blob label_old(Bytes file, const std::vector<elf::Site>& sites, const Votes& votes, const elf::TargetMap& targets);
Blob label_new(Bytes file, const std::vector<elf::Site>& sites);

}  // namespace holdfast::delta::make
