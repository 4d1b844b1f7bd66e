// What is carried to a device that no service reaches: an image repository as a folder or as one bundle
// (docs/releases.md), with the offline director's words and the owner's trust policy beside it. Names of files here;
// the documents are trust's.
#pragma once

#include "trust/tuf/offline_targets.h"

namespace holdfast::wire {

inline constexpr std::string_view kCarriedFolder{"director"};
inline constexpr std::size_t kCarriedPathBytesMax = 1024;

/// `director/<catalog>`
std::string carried_folder(std::string_view catalog);
/// The owner's newest trust policy of the catalog.
std::string carried_trust_policy(std::string_view catalog);
/// The offline director's word for a device, a device group, or everybody.
std::string carried_word(std::string_view catalog, const trust::tuf::Audience& audience);

/// Whether a path stays below where it starts, in one spelling: segments of visible characters, none of them empty, `.`
/// or `..`.
bool is_carried_path(std::string_view path);

}  // namespace holdfast::wire
