// The kernel's command line as it is signed inside a boot image: where the root lies in the place that firmware started
// from, what verifies it, and which version of which component this is. The kernel acts on the first part, the first
// process on the second. A place is a partition: a volume that firmware reads, the root, the root's verity tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::firmware {

inline constexpr Reason kCommandLineMalformed{"command-line-malformed"};
inline constexpr std::size_t kCommandLineBytesMax = 2048;  ///< COMMAND_LINE_SIZE of x86

/// All from the beginning of the place, in whole blocks of 4096 bytes.
struct VerifiedRoot {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t tree_offset = 0;
  Digest256 salt{};
  Digest256 root{};
};

/// What says which boots are good ones (trust/update/seal_words.h): whose words, and where in the place they lie.
struct Seal {
  std::int64_t words_at = 0;
  Digest256 authority_sha256{};
  friend bool operator==(const Seal&, const Seal&) = default;
};

struct SystemName {
  std::string component;
  std::string version;
  std::int64_t security_version = 0;
  std::optional<Seal> seal = {};
  friend bool operator==(const SystemName&, const SystemName&) = default;
};

/// `place` is how the kernel calls the partition: PARTUUID=loader is the one that firmware started from
/// (os/patches/partuuid-loader.patch). `more` is for the hardware, such as console=ttyS0.
std::string command_line(const VerifiedRoot& root, const SystemName& system, std::string_view place,
                         std::string_view more);

/// Of /proc/cmdline. Rejected where one of its members is missing, but for `seal`, or there twice.
Result<SystemName> system_in(std::string_view command_line);

}  // namespace holdfast::firmware
