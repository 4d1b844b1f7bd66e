// The release of a device, from the owner's side: signed with the keys at hand and sent, or, where those are fewer than
// the threshold, a draft for the next holder.
#pragma once

#include "cli/owner/document.h"
#include "cli/owner/folder.h"
#include "cli/session/session.h"

namespace holdfast::cli::owner {

/// Returns what happened, as a sentence.
Result<std::string> let_go(World& world, Session& session, const Folder& folder,
                           const trust::tuf::DeviceRelease& release);

/// Sends one that has all its signatures.
Result<void> publish_release(Session& session, const std::string& catalog, const Document& document);

}  // namespace holdfast::cli::owner
