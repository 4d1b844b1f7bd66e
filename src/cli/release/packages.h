// The Debian packages of a tree, as `var/lib/dpkg/status` has them (deb822(5)): what is installed, each with its
// version and its source. Other paragraphs and fields are passed over; a paragraph of an installed package that lacks
// its name, version or architecture refuses the whole file, so that none is missing in silence.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::cli::release {

inline constexpr Reason kPackagesMalformed{"packages-malformed"};

inline constexpr std::size_t kPackagesBytesMax = 64UL * 1024 * 1024;
inline constexpr std::size_t kPackagesMax = 20'000;

struct Package {
  std::string name;
  std::string version;
  std::string architecture;
  std::string source = {};  ///< with its version in parentheses where that is another; empty: the same name
  std::string maintainer = {};
  friend bool operator==(const Package&, const Package&) = default;
};

/// By name and architecture.
Result<std::vector<Package>> packages_in(Bytes status);

/// `pkg:deb/debian/bash@5.2.15-2%2Bb2?arch=amd64` (package-url specification).
std::string purl_of(const Package& package);

}  // namespace holdfast::cli::release
