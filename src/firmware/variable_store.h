// The variables of a UEFI firmware as its flash holds them (EDK II, MdeModulePkg/Include/Guid/VariableFormat.h): a
// firmware volume with one store of authenticated variables. Whoever makes a device writes its Secure Boot keys here,
// so that it comes up with them and nobody has to enrol them. Refuses what is no such volume, and what has no room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "firmware/guid.h"

namespace holdfast::firmware {

inline constexpr Reason kVariableStoreMalformed{"variable-store-malformed"};
inline constexpr Reason kVariableStoreFull{"variable-store-full"};

inline constexpr std::size_t kVariableStoreBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kVariableNameBytesMax = 128;

/// UEFI 2.10 §8.2.1.
inline constexpr std::uint32_t kNonVolatile = 1u << 0;
inline constexpr std::uint32_t kBootServices = 1u << 1;
inline constexpr std::uint32_t kRuntime = 1u << 2;
inline constexpr std::uint32_t kTimeAuthenticated = 1u << 5;

inline constexpr Guid kGlobalVariable = guid("8be4df61-93ca-11d2-aa0d-00e098032b8c");
inline constexpr Guid kImageSecurityDatabase = guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

struct Variable {
  Guid vendor;
  std::string name;  ///< ASCII
  std::uint32_t attributes = 0;
  Blob data;
  std::optional<WallTime> time = {};  ///< of a time-authenticated one: an older update is refused
  friend bool operator==(const Variable&, const Variable&) = default;
};

class VariableStore {
 public:
  /// Of a flash image; variables that were deleted are gone.
  static Result<VariableStore> open(Bytes image);

  const std::vector<Variable>& variables() const { return variables_; }
  /// In place of one of the same vendor and name. Exhausted (kVariableStoreFull) where there is no room.
  Result<void> set(Variable variable);
  /// The flash image, with the variables packed.
  Blob image() const;

 private:
  VariableStore(Blob image, std::size_t begin, std::size_t end) : image_(std::move(image)), begin_(begin), end_(end) {}
  std::size_t used() const;

  Blob image_;
  std::size_t begin_;  ///< of the variables
  std::size_t end_;
  std::vector<Variable> variables_;
};

/// EFI_SIGNATURE_DATA of an X.509 certificate.
Blob signature_data(Bytes certificate, const Guid& owner);
/// EFI_SIGNATURE_LIST of X.509 certificates (UEFI 2.10 §32.4.1), a list for each.
Blob signature_lists(const std::vector<Blob>& certificates, const Guid& owner);

/// The keys by which a firmware starts what it starts; DER certificates.
struct SecureBootKeys {
  std::vector<Blob> platform;      ///< PK: who may change KEK; one
  std::vector<Blob> key_exchange;  ///< KEK: who may change db and dbx
  std::vector<Blob> allowed;       ///< db: who signs what is started
};
/// Puts the keys in force: the firmware comes up with Secure Boot on. `owner` names whose they are.
Result<void> enroll(VariableStore& store, const SecureBootKeys& keys, const Guid& owner, WallTime time);

}  // namespace holdfast::firmware
