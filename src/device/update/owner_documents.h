// The owner's root and trust policy as they were signed, kept beside the pins of them, so that what the director signs
// can be verified at any time. Read anew each time: an idle device needs neither.
#pragma once

#include "device/record/owner.h"
#include "ports/disk.h"

namespace holdfast::device::update {

inline constexpr Reason kOwnerDocumentsMissing{"owner-documents-missing"};

inline constexpr std::string_view kOwnerRootRecord{"owner-root"};
inline constexpr std::string_view kTrustPolicyRecord{"owner-trust-policy"};

struct OwnerDocuments {
  trust::Verified<trust::tuf::Root> root;
  trust::Verified<trust::tuf::TrustPolicy> policy;
};

/// Exactly those that are pinned; Retry (kOwnerDocumentsMissing) where they are not there: a bootstrap brings them.
Result<OwnerDocuments> owner_documents(ports::Disk& disk, const record::Owner& owner);

Result<void> keep_owner_documents(ports::Disk& disk, Bytes root, Bytes trust_policy);
Result<void> erase_owner_documents(ports::Disk& disk);

}  // namespace holdfast::device::update
