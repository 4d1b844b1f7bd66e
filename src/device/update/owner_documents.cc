#include "device/update/owner_documents.h"

#include "base/text.h"

namespace holdfast::device::update {
namespace {

namespace tuf = trust::tuf;

Result<Blob> read(ports::Disk& disk, std::string_view name) {
  auto document = TRY(disk.read(name));
  if (document) return *std::move(document);
  return fail(Next::Retry, kOwnerDocumentsMissing, cat("expected the record ", name, ", saw none"));
}

Result<OwnerDocuments> verified(Bytes root_document, Bytes policy_document, const record::Owner& owner) {
  auto root = TRY(tuf::verify_pinned_root(root_document, owner.root));
  auto policy = TRY(tuf::verify_trust_policy(policy_document, root, owner.catalog, owner.trust_policy));
  return OwnerDocuments{std::move(root), std::move(policy)};
}

}  // namespace

Result<OwnerDocuments> owner_documents(ports::Disk& disk, const record::Owner& owner) {
  const Blob root = TRY(read(disk, kOwnerRootRecord));
  const Blob policy = TRY(read(disk, kTrustPolicyRecord));
  auto documents = verified(root, policy, owner);
  if (documents) return documents;
  return fail(Next::Retry, kOwnerDocumentsMissing, std::move(documents).error().message);
}

Result<void> keep_owner_documents(ports::Disk& disk, Bytes root, Bytes trust_policy) {
  TRY(disk.write(kOwnerRootRecord, root));
  return disk.write(kTrustPolicyRecord, trust_policy);
}

Result<void> erase_owner_documents(ports::Disk& disk) {
  TRY(disk.remove(kOwnerRootRecord));
  return disk.remove(kTrustPolicyRecord);
}

}  // namespace holdfast::device::update
