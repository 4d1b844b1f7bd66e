#include "firmware/variable_store.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/text.h"
#include "firmware/utf16.h"

namespace holdfast::firmware {
namespace {

// EFI_FIRMWARE_VOLUME_HEADER (PI 1.7 volume 3 §3.2.1).
constexpr std::size_t kVolumeSignatureAt = 40;
constexpr std::size_t kVolumeHeaderLengthAt = 48;
constexpr std::string_view kVolumeSignature = "_FVH";

// VARIABLE_STORE_HEADER and AUTHENTICATED_VARIABLE_HEADER.
constexpr Guid kAuthenticatedStore = guid("aaf32c78-947b-439a-a180-2e144ec37792");
constexpr std::size_t kStoreHeaderBytes = 28;
constexpr std::uint8_t kStoreFormatted = 0x5A;
constexpr std::uint8_t kStoreHealthy = 0xFE;
constexpr std::uint16_t kVariableStart = 0x55AA;
constexpr std::uint8_t kVariableAdded = 0x3F;
constexpr std::size_t kVariableHeaderBytes = 60;
constexpr std::size_t kTimeBytes = 16;
constexpr std::size_t kAlignment = 4;
constexpr std::uint8_t kErased = 0xFF;

constexpr Guid kX509 = guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");
// EDK II, SecurityPkg/Include/Guid: what its setup page would set.
constexpr Guid kSecureBootEnable = guid("f0a30bc7-af08-4556-99c4-001009c93a44");
constexpr Guid kCustomMode = guid("c076ec0c-7028-4399-a072-71ee5c448b9f");

std::unexpected<Error> malformed(std::string why) {
  return fail(Next::Rejected, kVariableStoreMalformed, "variable store: " + std::move(why));
}

constexpr std::size_t aligned(std::size_t at) { return (at + kAlignment - 1) / kAlignment * kAlignment; }

Result<std::string> narrow(Bytes name) {
  std::string out;
  ByteReader reader(name, Endian::Little, "variable name");
  std::uint16_t one = TRY(reader.u16());
  for (; one != 0; one = TRY(reader.u16())) {
    if (one > 0x7E || one < 0x20) return malformed("expected names in ASCII, saw another");
    out += static_cast<char>(one);
  }
  TRY(reader.done());
  return out;
}

/// EFI_TIME (UEFI 2.10 §8.3), of an authenticated variable: seconds, UTC.
Blob to_efi_time(const std::optional<WallTime>& time) {
  if (!time) return Blob(kTimeBytes);
  const std::string text = to_rfc3339(*time);  // 2026-01-02T03:04:05Z
  const auto number = [&](std::size_t at, std::size_t digits) {
    std::uint16_t out = 0;
    for (std::size_t i = at; i < at + digits; ++i) out = static_cast<std::uint16_t>(out * 10 + (text[i] - '0'));
    return out;
  };
  ByteWriter out(Endian::Little);
  out.u16(number(0, 4));
  for (const std::size_t at : {5U, 8U, 11U, 14U, 17U}) out.u8(static_cast<std::uint8_t>(number(at, 2)));
  out.bytes(Blob(kTimeBytes - out.written().size()));
  return out.take();
}

Result<std::optional<WallTime>> from_efi_time(Bytes bytes) {
  ByteReader reader(bytes, Endian::Little, "variable time");
  const auto two = [](unsigned value) { return cat(value < 10 ? "0" : "", value); };
  const std::uint16_t year = TRY(reader.u16());
  if (year == 0) return std::optional<WallTime>();
  std::string text = cat(year);
  for (const char* before : {"-", "-", "T", ":", ":"}) text += cat(before, two(TRY(reader.u8())));
  const auto time = parse_rfc3339(text + "Z");
  if (!time) return malformed(cat("expected the time of a variable, saw ", printable(text)));
  return std::optional(*time);
}

Blob encode(const Variable& variable) {
  const Blob name = utf16(variable.name);
  ByteWriter out(Endian::Little);
  out.u16(kVariableStart).u8(kVariableAdded).u8(0).u32(variable.attributes).u64(0);
  out.bytes(to_efi_time(variable.time)).u32(0);
  out.u32(static_cast<std::uint32_t>(name.size())).u32(static_cast<std::uint32_t>(variable.data.size()));
  out.bytes(variable.vendor.bytes).bytes(name).bytes(variable.data);
  return out.take();
}

struct Read {
  Variable variable;
  bool is_there = false;  ///< not deleted
  std::size_t bytes = 0;
};

Result<std::optional<Read>> read_variable(Bytes rest) {
  if (rest.size() < kVariableHeaderBytes) return std::optional<Read>();
  ByteReader reader(rest, Endian::Little, "variable");
  if (TRY(reader.u16()) != kVariableStart) return std::optional<Read>();
  Read out;
  out.is_there = TRY(reader.u8()) == kVariableAdded;
  TRY(reader.u8());
  out.variable.attributes = TRY(reader.u32());
  TRY(reader.u64());
  out.variable.time = TRY(from_efi_time(TRY(reader.take(kTimeBytes))));
  TRY(reader.u32());
  const std::uint32_t name_bytes = TRY(reader.u32());
  const std::uint32_t data_bytes = TRY(reader.u32());
  if (name_bytes > 2 * kVariableNameBytesMax)
    return malformed(cat("expected a short name, saw ", name_bytes, " bytes"));
  std::ranges::copy(TRY(reader.take(out.variable.vendor.bytes.size())), out.variable.vendor.bytes.begin());
  out.variable.name = TRY(narrow(TRY(reader.take(name_bytes))));
  out.variable.data = to_blob(TRY(reader.take(data_bytes)));
  out.bytes = reader.offset();
  return std::optional(std::move(out));
}

}  // namespace

Result<VariableStore> VariableStore::open(Bytes image) {
  if (image.size() < kVolumeHeaderLengthAt + 2 || image.size() > kVariableStoreBytesMax) {
    return malformed(cat("expected a flash image of at most ", kVariableStoreBytesMax, " bytes, saw ", image.size()));
  }
  if (as_text(image.subspan(kVolumeSignatureAt, kVolumeSignature.size())) != kVolumeSignature) {
    return malformed("expected a firmware volume, saw other bytes");
  }
  ByteReader volume(image.subspan(kVolumeHeaderLengthAt), Endian::Little, "firmware volume");
  const std::size_t at = TRY(volume.u16());
  if (at > image.size()) return malformed("expected a store behind the volume's header, saw the end");
  ByteReader reader(image.subspan(at), Endian::Little, "variable store");
  Guid kind;
  std::ranges::copy(TRY(reader.take(kind.bytes.size())), kind.bytes.begin());
  const std::size_t size = TRY(reader.u32());
  const bool is_usable = TRY(reader.u8()) == kStoreFormatted && TRY(reader.u8()) == kStoreHealthy;
  const bool is_within = size >= kStoreHeaderBytes && size <= image.size() - at;
  if (kind != kAuthenticatedStore || !is_usable || !is_within) {
    return malformed("expected a formatted store of authenticated variables, saw another");
  }
  VariableStore out(to_blob(image), at + kStoreHeaderBytes, at + size);
  if (at % kAlignment != 0) return malformed(cat("expected a store at a multiple of 4 bytes, saw one at ", at));
  for (std::size_t next = out.begin_; next < out.end_;) {
    auto read = TRY(read_variable(image.subspan(next, out.end_ - next)));
    if (!read) break;
    next = aligned(next + read->bytes);
    if (read->is_there) out.variables_.push_back(std::move(read->variable));
  }
  return out;
}

std::size_t VariableStore::used() const {
  std::size_t out = 0;
  for (const Variable& one : variables_) out = aligned(out) + encode(one).size();
  return out;
}

Result<void> VariableStore::set(Variable variable) {
  const auto same = std::ranges::find_if(
      variables_, [&](const Variable& one) { return one.vendor == variable.vendor && one.name == variable.name; });
  if (variable.name.empty() || variable.name.size() >= kVariableNameBytesMax) {
    return malformed(cat("expected a name of 1 to ", kVariableNameBytesMax - 1, " characters, saw '",
                         printable(variable.name), "'"));
  }
  auto before = variables_;
  if (same != variables_.end()) {
    *same = std::move(variable);
  } else {
    variables_.push_back(std::move(variable));
  }
  if (used() <= end_ - begin_) return {};
  variables_ = std::move(before);
  return fail(Next::Exhausted, kVariableStoreFull,
              cat("variable store: expected variables of at most ", end_ - begin_, " bytes, saw more"));
}

Blob VariableStore::image() const {
  Blob out = image_;
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin_), out.begin() + static_cast<std::ptrdiff_t>(end_),
            kErased);
  std::size_t at = begin_;
  for (const Variable& one : variables_) {
    const Blob encoded = encode(one);
    std::ranges::copy(encoded, out.begin() + static_cast<std::ptrdiff_t>(at));
    at = aligned(at + encoded.size());
  }
  return out;
}

Blob signature_data(Bytes certificate, const Guid& owner) {
  return ByteWriter(Endian::Little).bytes(owner.bytes).bytes(certificate).take();
}

Blob signature_lists(const std::vector<Blob>& certificates, const Guid& owner) {
  constexpr std::size_t kListHeaderBytes = 28;
  ByteWriter out(Endian::Little);
  for (const Blob& certificate : certificates) {
    const Blob signature = signature_data(certificate, owner);
    const auto signature_bytes = static_cast<std::uint32_t>(signature.size());
    out.bytes(kX509.bytes).u32(kListHeaderBytes + signature_bytes).u32(0).u32(signature_bytes).bytes(signature);
  }
  return out.take();
}

Result<void> enroll(VariableStore& store, const SecureBootKeys& keys, const Guid& owner, WallTime time) {
  constexpr std::uint32_t kKeyAttributes = kNonVolatile | kBootServices | kRuntime | kTimeAuthenticated;
  if (keys.platform.size() != 1 || keys.key_exchange.empty() || keys.allowed.empty()) {
    return malformed("expected one platform key, and keys for KEK and db, saw another number");
  }
  TRY(store.set({kGlobalVariable, "PK", kKeyAttributes, signature_lists(keys.platform, owner), time}));
  TRY(store.set({kGlobalVariable, "KEK", kKeyAttributes, signature_lists(keys.key_exchange, owner), time}));
  TRY(store.set({kImageSecurityDatabase, "db", kKeyAttributes, signature_lists(keys.allowed, owner), time}));
  TRY(store.set({kSecureBootEnable, "SecureBootEnable", kNonVolatile | kBootServices, Blob{1}}));
  return store.set({kCustomMode, "CustomMode", kNonVolatile | kBootServices, Blob{0}});
}

}  // namespace holdfast::firmware
