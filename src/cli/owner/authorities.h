// The certificate authorities of a catalog: its client root, its update root and, where things without a vault get
// certificates, its unattested root, whose keys stay in the owner's folder, and the issuing CAs under them, whose keys
// the service made and keeps. The owner's machine signs the latter by the profile in trust/x509 and by nothing that the
// service says about them but their keys and numbers.
#pragma once

#include "base/json/value.h"
#include "cli/owner/folder.h"
#include "trust/x509/authority.h"

namespace holdfast::cli::owner {

/// From the service's `authorities`, {client: {number, request}, update: {…}}, to the body that certifies them:
/// {client: {certificate, root}, update: {…}}. Makes the roots where there are none.
Result<json::Value> certify_authorities(World& world, const Folder& folder, const std::string& catalog,
                                        const json::Value& prepared);

/// The same for one of them, from {number, request} to {certificate, root}. The root's own list goes on naming what it
/// named.
Result<json::Value> certify_authority(World& world, const Folder& folder, const std::string& catalog,
                                      trust::x509::Authority authority, const json::Value& prepared);

/// Enters an issuing CA that this folder certified into its root's own list, for good. Again: nothing. Returns the
/// list's file.
Result<std::string> distrust_authority(World& world, const Folder& folder, const std::string& catalog,
                                       trust::x509::Authority authority, std::int64_t number);

}  // namespace holdfast::cli::owner
