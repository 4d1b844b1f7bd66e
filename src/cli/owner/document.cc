#include "cli/owner/document.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::cli::owner {
namespace {

namespace tuf = trust::tuf;

Requirement requirement_of(const tuf::Root& root) {
  return {cat("root ", root.version), root.keys, root.role(tuf::RoleName::Root)};
}

Requirement role_of(const tuf::Root& root, tuf::RoleName role) {
  return {cat("the ", tuf::name_of(role), " role of root ", root.version), root.keys, root.role(role)};
}

Document metadata_document(DocumentKind kind, const tuf::Header& header, tuf::Envelope envelope,
                           Requirement requirement) {
  return {kind, header.version, {}, header.expires, std::move(envelope), {std::move(requirement)}};
}

Result<Document> targets_document(tuf::Envelope envelope, Requirement requirement) {
  const tuf::Targets targets = TRY(tuf::read_targets(envelope));
  Document out = metadata_document(DocumentKind::Targets, targets.header, std::move(envelope), std::move(requirement));
  for (const auto& [path, target] : targets.targets) out.targets.push_back(path);
  return out;
}

}  // namespace

std::string_view name_of(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::Root: return "root";
    case DocumentKind::TrustPolicy: return "trust policy";
    case DocumentKind::ChangeApproval: return "approval of a change";
    case DocumentKind::DeviceRelease: return "release of a device";
    case DocumentKind::CatalogExport: return "statement of an archive";
    case DocumentKind::Targets: return "targets metadata";
    case DocumentKind::Snapshot: return "snapshot metadata";
    case DocumentKind::Timestamp: return "timestamp metadata";
  }
  return "unknown";
}

Result<Document> document_of(tuf::Envelope envelope, const tuf::Root* current) {
  const json::Value* type = envelope.signed_part.find("_type");
  const std::string word = type != nullptr && type->text() != nullptr ? *type->text() : std::string();
  if (word == "root") {
    const tuf::Root root = TRY(tuf::read_root(envelope));
    std::vector<Requirement> requirements;
    if (current != nullptr && root.version > current->version) requirements.push_back(requirement_of(*current));
    requirements.push_back(requirement_of(root));
    return Document{DocumentKind::Root, root.version, {}, root.expires, std::move(envelope), std::move(requirements)};
  }
  if (word == "trust-policy" && current != nullptr) {
    const tuf::TrustPolicy policy = TRY(tuf::read_trust_policy(envelope));
    return Document{DocumentKind::TrustPolicy, policy.version, policy.catalog, policy.expires, std::move(envelope),
                    {requirement_of(*current)}};
  }
  if (word == "change-approval" && current != nullptr) {
    tuf::ChangeApproval approval = TRY(tuf::read_change_approval(envelope));
    const std::int64_t number = approval.change.number;
    std::string catalog = approval.change.catalog;
    return Document{DocumentKind::ChangeApproval, number,
                    std::move(catalog),           approval.expires,
                    std::move(envelope),          {role_of(*current, tuf::RoleName::Targets)},
                    std::move(approval.change)};
  }
  if (word == "device-release" && current != nullptr) {
    const tuf::DeviceRelease release = TRY(tuf::read_device_release(envelope));
    return Document{DocumentKind::DeviceRelease, release.version,           release.catalog, release.expires,
                    std::move(envelope),         {requirement_of(*current)}};
  }
  if (word == "catalog-export" && current != nullptr) {
    const tuf::CatalogExport archive = TRY(tuf::read_catalog_export(envelope));
    return Document{DocumentKind::CatalogExport, archive.pages,       archive.catalog,
                    archive.exported_at,         std::move(envelope), {requirement_of(*current)}};
  }
  if (word == "targets" && current != nullptr) {
    return targets_document(std::move(envelope), role_of(*current, tuf::RoleName::Targets));
  }
  if (word == "snapshot" && current != nullptr) {
    const tuf::Header header = TRY(tuf::read_snapshot(envelope)).header;
    return metadata_document(DocumentKind::Snapshot, header, std::move(envelope),
                             role_of(*current, tuf::RoleName::Snapshot));
  }
  if (word == "timestamp" && current != nullptr) {
    const tuf::Header header = TRY(tuf::read_timestamp(envelope)).header;
    return metadata_document(DocumentKind::Timestamp, header, std::move(envelope),
                             role_of(*current, tuf::RoleName::Timestamp));
  }
  return fail(
      Next::Rejected, kDocumentUnknown,
      cat("expected a document that the owner's keys sign (root, trust-policy, change-approval, device-release, "
          "catalog-export, targets, snapshot, timestamp), saw '",
          printable(word, 60), "'"));
}

Result<Document> document_of_delegated(tuf::Envelope envelope, const tuf::Targets& delegator, std::string_view role) {
  const auto found = std::ranges::find(delegator.delegations, role, &tuf::Delegation::name);
  if (found == delegator.delegations.end()) {
    return fail(Next::NotFound, tuf::kRoleUndelegated, cat("expected a delegated role, saw ", printable(role)));
  }
  return targets_document(std::move(envelope), {cat("the role ", found->name), delegator.keys, found->role});
}

Result<std::size_t> sign(Document& document, const Signers& keys) {
  std::vector<tuf::KeyId> holders;
  for (const Requirement& one : document.requirements) {
    holders.insert(holders.end(), one.role.key_ids.begin(), one.role.key_ids.end());
  }
  const std::size_t signed_by = TRY(sign_with(document.envelope, keys, holders));
  if (signed_by > 0) return signed_by;
  return fail(Next::Denied, kKeyHoldsNoRole,
              cat("expected a key that may sign this document, saw ", keys.size(), " keys and none that may"));
}

Result<bool> is_known(const Document& document, const Signers& keys) {
  if (missing(document).empty()) return true;
  bool could_sign = false;
  for (const Requirement& one : document.requirements) {
    const auto signed_by = tuf::signers(document.envelope, one.keys, one.role);
    if (TRY(held_by(keys, signed_by)) > 0) return true;
    could_sign = could_sign || TRY(held_by(keys, one.role.key_ids)) > 0;
  }
  return !could_sign;
}

std::string missing(const Document& document) {
  std::vector<std::string> parts;
  for (const Requirement& one : document.requirements) {
    const auto seen = static_cast<std::int64_t>(tuf::signers(document.envelope, one.keys, one.role).size());
    if (seen < one.role.threshold) {
      parts.push_back(cat(one.role.threshold - seen, " of ", one.role.threshold, " signatures by keys of ", one.words));
    }
  }
  return join(parts, ", ");
}

}  // namespace holdfast::cli::owner
