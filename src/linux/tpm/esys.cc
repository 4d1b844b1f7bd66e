#include <tss2/tss2_rc.h>

#include <algorithm>

#include "base/text.h"
#include "linux/tpm/esys_held.h"
#include "ports/vault.h"

namespace holdfast::linux::tpm {

Loaded::~Loaded() {
  if (handle_ == ESYS_TR_NONE) return;
  // Nothing to be done about a failure: the connection is gone, and the next one sweeps the chip.
  const bool is_flushed = kind_ == Kind::Transient && Esys_FlushContext(esys_, handle_) == TSS2_RC_SUCCESS;
  if (!is_flushed) Esys_TR_Close(esys_, &handle_);
}

namespace {

constexpr TSS2_RC kLayerMask = TSS2_RC_LAYER_MASK;
constexpr TSS2_RC kFormatOneMask = TPM2_RC_FMT1 | 0x3F;
constexpr TSS2_RC kWarningBits = TPM2_RC_WARN;

/// From the chip, or from a resource manager that speaks in its place.
bool from_chip(TSS2_RC code) {
  const TSS2_RC layer = code & kLayerMask;
  return layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_TPM_RC_LAYER;
}

bool format_one(TSS2_RC code) { return from_chip(code) && (code & TPM2_RC_FMT1) != 0; }

/// A state of the chip that passes (busy, testing, locked out, no room), or that a fresh connection mends (no startup,
/// handles that a reset took away).
bool passes(TSS2_RC code) {
  const TSS2_RC bare = code & ~kLayerMask;
  return !format_one(code) && ((bare & kWarningBits) == kWarningBits || bare == TPM2_RC_INITIALIZE);
}

}  // namespace

bool refused_parameter(TSS2_RC code) { return format_one(code) && (code & TPM2_RC_P) != 0; }

bool refused_handle(TSS2_RC code) {
  return format_one(code) && (code & (TPM2_RC_P | TPM2_RC_S)) == 0 && (code & kFormatOneMask) == TPM2_RC_HANDLE;
}

Error error_of(TSS2_RC code, std::string_view command) {
  const std::string_view words = Tss2_RC_Decode(code);
  // Malformed: among others, a public area whose digest is not the name that came with it.
  if (code == TSS2_ESYS_RC_RSP_AUTH_FAILED || code == TSS2_ESYS_RC_MALFORMED_RESPONSE) {
    return {Next::Denied, ports::kVaultInterposed,
            cat(command, ": expected an answer that the chip vouches for, saw ", words)};
  }
  std::string message = cat(command, ": expected success, saw ", words);
  if (!from_chip(code) || passes(code)) return {Next::Retry, ports::kVaultUnavailable, std::move(message)};
  return {Next::Rejected, ports::kVaultRefused, std::move(message)};
}

Result<void> fill(std::span<BYTE> room, UINT16& size, Bytes from, std::string_view what) {
  if (from.size() > room.size()) {
    return fail(Next::Rejected, ports::kVaultRefused,
                cat(what, ": expected at most ", room.size(), " bytes, saw ", from.size()));
  }
  std::ranges::copy(from, room.begin());
  size = static_cast<UINT16>(from.size());
  return {};
}

}  // namespace holdfast::linux::tpm
