// That a version of a component was withdrawn (flow 3.8; docs/decisions/0014-a-withdrawal-is-a-target.md): a target
// beside where its image was, `<component>/<version>/withdrawn`, signed by whoever speaks for that path. The owner's
// own word comes before a maker's, as for every target. What it says is the target's `custom`, and its content again.
// That the target is there is what counts: one that cannot be read withdraws the version as well.
#pragma once

#include "trust/update/image.h"

namespace holdfast::trust::update {

inline constexpr Reason kWithdrawalMalformed{"withdrawal-malformed"};

inline constexpr std::size_t kWithdrawalReasonBytesMax = 200;

struct Withdrawal {
  std::string component;
  std::string version;
  std::int64_t length = 0;  ///< of the image, in bytes
  Digest256 sha256{};       ///< of the image
  WallTime at;
  std::string reason;  ///< for people
  friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

std::string withdrawal_path(std::string_view component, std::string_view version);
/// The component and the version of a withdrawal's path; none where it is the path of something else.
struct VersionName {
  std::string component;
  std::string version;
};
std::optional<VersionName> withdrawn_at(std::string_view path);

/// Of the `custom` of a target at `path`. Members that this version does not know are passed over: none can take a
/// withdrawal back.
Result<Withdrawal> withdrawal_from(std::string_view path, const json::Value& custom);
/// Refuses what withdrawal_from() would refuse.
Result<json::Value> to_json(const Withdrawal& withdrawal);

}  // namespace holdfast::trust::update
