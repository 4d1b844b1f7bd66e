// Public areas between their two forms, TPMT_PUBLIC bytes and TSS structures, and the templates of the keys that
// Holdfast has the chip create. For the .cc files of this directory alone.
#pragma once

#include "linux/tpm/esys_held.h"
#include "ports/vault.h"
#include "trust/tpm/public_area.h"

namespace holdfast::linux::tpm {

Result<TPM2B_PUBLIC> public_from_bytes(Bytes area);
Result<Blob> bytes_of(const TPMT_PUBLIC& area);
/// TPMS_ATTEST comes in bytes already; signatures do not.
Result<Blob> bytes_of(const TPMT_SIGNATURE& signature);

/// The template that `area` was made from: the same with its key blank (EK Credential Profile §B.3, §B.4).
Result<TPM2B_PUBLIC> endorsement_template(const trust::tpm::PublicArea& area);
/// ECC P-256 storage key, the parent of everything that Holdfast keeps in a vault.
TPM2B_PUBLIC storage_template();
TPM2B_PUBLIC key_template(ports::KeyUse use);

}  // namespace holdfast::linux::tpm
