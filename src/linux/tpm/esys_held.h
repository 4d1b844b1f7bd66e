// What every command to the chip needs: memory that ESAPI allocated and objects that the chip holds, both given back on
// every path; return codes as our Errors; sized buffers filled within their bounds. For the .cc files of this
// directory alone.
#pragma once

#include <tss2/tss2_esys.h>

#include <memory>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::linux::tpm {

struct EsysFreer {
  void operator()(void* memory) const { Esys_Free(memory); }
};
template <class T>
using Owned = std::unique_ptr<T, EsysFreer>;

/// Lets an ESAPI out-parameter fill an Owned.
template <class T>
class Out {
 public:
  explicit Out(Owned<T>& owned) : owned_(owned) {}
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  ~Out() { owned_.reset(raw_); }
  operator T**() { return &raw_; }

 private:
  Owned<T>& owned_;
  T* raw_ = nullptr;
};

/// An object or a session in the chip. A transient one is flushed when this goes, a persistent one only let go of.
class Loaded {
 public:
  enum class Kind { Transient, Persistent };

  Loaded(ESYS_CONTEXT* esys, ESYS_TR handle, Kind kind = Kind::Transient) : esys_(esys), handle_(handle), kind_(kind) {}
  Loaded(Loaded&& other) noexcept
      : esys_(other.esys_), handle_(std::exchange(other.handle_, ESYS_TR_NONE)), kind_(other.kind_) {}
  Loaded& operator=(Loaded&& other) noexcept {
    std::swap(esys_, other.esys_);
    std::swap(handle_, other.handle_);
    std::swap(kind_, other.kind_);
    return *this;
  }
  ~Loaded();

  ESYS_TR handle() const { return handle_; }

 private:
  ESYS_CONTEXT* esys_;
  ESYS_TR handle_;
  Kind kind_;
};

/// The Error of a return code; `command` is the TPM command's name.
Error error_of(TSS2_RC code, std::string_view command);

[[nodiscard]] inline Result<void> done(TSS2_RC code, std::string_view command) {
  if (code == TSS2_RC_SUCCESS) return {};
  return std::unexpected(error_of(code, command));
}

/// The chip itself refused a parameter of the command (format-one code, TPM 2.0 Part 2 §6.6.3).
bool refused_parameter(TSS2_RC code);
/// No object or NV index has the handle asked for.
bool refused_handle(TSS2_RC code);

/// Copies into the buffer of a TPM2B; kVaultRefused when it has no room for them.
Result<void> fill(std::span<BYTE> room, UINT16& size, Bytes from, std::string_view what);

template <class Sized>
Bytes contents(const Sized& sized) {
  return {sized.buffer, sized.size};
}

}  // namespace holdfast::linux::tpm
