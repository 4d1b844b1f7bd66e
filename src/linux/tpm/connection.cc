#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "base/text.h"
#include "linux/tpm/connection_held.h"
#include "ports/vault.h"

namespace holdfast::linux::tpm {

namespace {

constexpr unsigned kPcrsPerRead = 8;

/// Errors come back as values; TSS would print each of them as well. Whoever sets TSS2_LOG keeps what was set.
void silence_tss() {
  static std::once_flag once;
  std::call_once(once, [] { setenv("TSS2_LOG", "all+NONE", 0); });
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& connection_string) {
  silence_tss();
  TSS2_TCTI_CONTEXT* tcti = nullptr;
  if (const TSS2_RC code = Tss2_TctiLdr_Initialize(connection_string.c_str(), &tcti); code != TSS2_RC_SUCCESS) {
    return fail_within(printable(connection_string), error_of(code, "connect"));
  }
  ESYS_CONTEXT* esys = nullptr;
  if (const TSS2_RC code = Esys_Initialize(&esys, tcti, nullptr); code != TSS2_RC_SUCCESS) {
    Tss2_TctiLdr_Finalize(&tcti);
    return fail_within(printable(connection_string), error_of(code, "initialize"));
  }
  return std::unique_ptr<Connection>(new Connection(tcti, esys));
}

Connection::~Connection() {
  Esys_Finalize(&esys_);
  Tss2_TctiLdr_Finalize(&tcti_);
}

Result<void> Connection::set_locality(std::uint8_t locality) {
  return done(Tss2_Tcti_SetLocality(tcti_, locality), "locality");
}

Result<std::vector<TPM2_HANDLE>> Connection::handles_from(TPM2_HANDLE first) {
  TPMI_YES_NO more = 0;
  Owned<TPMS_CAPABILITY_DATA> capability;
  TRY(done(Esys_GetCapability(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_HANDLES, first, kHandlesMax,
                              &more, Out(capability)),
           "TPM2_GetCapability"));
  const TPML_HANDLE& list = capability->data.handles;
  const std::size_t count = std::min<std::size_t>(list.count, kHandlesMax);
  return std::vector<TPM2_HANDLE>(list.handle, list.handle + count);
}

Result<void> Connection::sweep() {
  for (const TPM2_HANDLE first : {TPM2_HANDLE{TPM2_TRANSIENT_FIRST}, TPM2_HANDLE{TPM2_LOADED_SESSION_FIRST}}) {
    for (const TPM2_HANDLE listed : TRY(handles_from(first))) {
      ESYS_TR handle = ESYS_TR_NONE;
      TRY(done(Esys_TR_FromTPMPublic(esys_, listed, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle),
               "TPM2_ReadPublic"));
      TRY(done(Esys_FlushContext(esys_, handle), "TPM2_FlushContext"));
    }
  }
  return {};
}

Result<std::optional<Blob>> Connection::read_nv(TPM2_HANDLE index) {
  ESYS_TR handle = ESYS_TR_NONE;
  const TSS2_RC code = Esys_TR_FromTPMPublic(esys_, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle);
  if (refused_handle(code)) return std::nullopt;
  TRY(done(code, "TPM2_NV_ReadPublic"));
  const Loaded nv(esys_, handle, Loaded::Kind::Persistent);
  Owned<TPM2B_NV_PUBLIC> area;
  Owned<TPM2B_NAME> name;
  TRY(done(Esys_NV_ReadPublic(esys_, nv.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, Out(area), Out(name)),
           "TPM2_NV_ReadPublic"));
  const UINT16 size = area->nvPublic.dataSize;
  if (size > kNvBytesMax) {
    return fail(Next::Rejected, ports::kVaultRefused,
                cat("NV index: expected at most ", kNvBytesMax, " bytes, saw ", size));
  }
  Blob out;
  while (out.size() < size) {
    const auto at = static_cast<UINT16>(out.size());
    const auto wanted = static_cast<UINT16>(std::min<std::size_t>(kNvChunkBytes, size - out.size()));
    Owned<TPM2B_MAX_NV_BUFFER> chunk;
    TRY(done(Esys_NV_Read(esys_, nv.handle(), nv.handle(), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, wanted, at,
                          Out(chunk)),
             "TPM2_NV_Read"));
    if (chunk->size != wanted) {
      return fail(Next::Retry, ports::kVaultUnavailable,
                  cat("TPM2_NV_Read: expected ", wanted, " bytes, saw ", chunk->size));
    }
    out.insert(out.end(), chunk->buffer, chunk->buffer + chunk->size);
  }
  return out;
}

Result<std::vector<Digest256>> Connection::read_pcrs(unsigned first, unsigned count) {
  std::vector<Digest256> values;
  for (unsigned at = first; at < first + count; at += kPcrsPerRead) {
    TPML_PCR_SELECTION selection{};
    selection.count = 1;
    selection.pcrSelections[0] = {.hash = TPM2_ALG_SHA256, .sizeofSelect = 3, .pcrSelect = {}};
    selection.pcrSelections[0].pcrSelect[at / 8] = 0xFF;
    UINT32 updates = 0;
    Owned<TPML_PCR_SELECTION> read;
    Owned<TPML_DIGEST> digests;
    TRY(done(
        Esys_PCR_Read(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &selection, &updates, Out(read), Out(digests)),
        "TPM2_PCR_Read"));
    if (digests->count != kPcrsPerRead) {
      return fail(Next::Rejected, ports::kVaultRefused,
                  cat("TPM2_PCR_Read: expected ", kPcrsPerRead, " SHA-256 PCRs from ", at, ", saw ", digests->count));
    }
    for (unsigned i = 0; i < kPcrsPerRead; ++i) {
      Digest256& value = values.emplace_back();
      if (digests->digests[i].size != value.size()) {
        return fail(Next::Rejected, ports::kVaultRefused,
                    cat("TPM2_PCR_Read: expected 32 bytes of PCR ", at + i, ", saw ", digests->digests[i].size));
      }
      std::copy_n(digests->digests[i].buffer, value.size(), value.begin());
    }
  }
  return values;
}

}  // namespace holdfast::linux::tpm
