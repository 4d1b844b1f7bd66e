// The certificate authorities of a catalog: its client root, its update root and, where things without a vault get
// certificates, its unattested root, whose keys stay in the owner's folder, and the issuing CAs under them, whose keys
// the service made and keeps. The owner's machine signs the latter by the profile in trust/x509 and by nothing that the
// service says about them but their keys and numbers.
#pragma once

#include "base/json/value.h"
#include "cli/owner/folder.h"

namespace holdfast::cli::owner {

/// From the service's `authorities`, {client: {number, public_key}, update: {…}}, to the body that certifies them:
/// {client: {certificate, root}, update: {…}}. Makes the roots where there are none.
Result<json::Value> certify_authorities(World& world, const Folder& folder, const std::string& catalog,
                                        const json::Value& prepared);

/// The same for the CA of things without a vault alone: {unattested: {…}}.
Result<json::Value> certify_unattested(World& world, const Folder& folder, const std::string& catalog,
                                       const json::Value& prepared);

}  // namespace holdfast::cli::owner
