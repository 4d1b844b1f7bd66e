#include "firmware/measured_keys.h"

#include "base/byte_io.h"
#include "firmware/utf16.h"
#include "trust/crypto/hash.h"

namespace holdfast::firmware {
namespace {

/// UEFI_VARIABLE_DATA (§10.4.3 of the profile).
Blob variable_data(const Guid& vendor, std::string_view name, Bytes data) {
  const Blob wide = utf16(name);  // its end is left out
  ByteWriter out(Endian::Little);
  out.bytes(vendor.bytes).u64(name.size()).u64(data.size()).bytes(Bytes(wide).first(2 * name.size())).bytes(data);
  return out.take();
}

}  // namespace

Digest256 measured_keys(const SecureBootKeys& keys, const Guid& owner) {
  constexpr std::uint8_t kOn[] = {1};
  constexpr std::uint8_t kSeparator[] = {0, 0, 0, 0};
  const Blob events[] = {
      variable_data(kGlobalVariable, "SecureBoot", kOn),
      variable_data(kGlobalVariable, "PK", signature_lists(keys.platform, owner)),
      variable_data(kGlobalVariable, "KEK", signature_lists(keys.key_exchange, owner)),
      variable_data(kImageSecurityDatabase, "db", signature_lists(keys.allowed, owner)),
      variable_data(kImageSecurityDatabase, "dbx", {}),
      to_blob(kSeparator),
      variable_data(kImageSecurityDatabase, "db", signature_data(keys.allowed.front(), owner)),
  };
  Digest256 out{};
  for (const Blob& one : events) out = trust::crypto::sha256({out, trust::crypto::sha256(one)});
  return out;
}

}  // namespace holdfast::firmware
