#include "base/byte_io.h"
#include "base/text.h"
#include "trust/eventlog/event.h"

namespace holdfast::trust::eventlog {
namespace {

constexpr std::size_t kShownBytesMax = 160;
constexpr std::size_t kShownUnitsMax = 256;  ///< of UTF-16, before they become at most kShownBytesMax bytes
constexpr std::size_t kTextBytesMin = 3;     ///< fewer printable bytes are chance
constexpr std::size_t kGuidBytes = 16;
constexpr std::size_t kPathNodesMax = 32;

/// What could be read as text; empty where the data is something else. The readers below return Results so that TRY
/// ends them; a failure means "nothing to show".
using Shown = Result<std::string>;

std::string utf8_of(Bytes utf16) {
  std::string out;
  for (std::size_t i = 0; i + 1 < utf16.size() && i < 2 * kShownUnitsMax; i += 2) {
    const unsigned unit = utf16[i] | (static_cast<unsigned>(utf16[i + 1]) << 8);
    if (unit == 0) break;
    if (unit < 0x80) {
      out += static_cast<char>(unit);
    } else if (unit < 0x800) {
      out += static_cast<char>(0xC0 | (unit >> 6));
      out += static_cast<char>(0x80 | (unit & 0x3F));
    } else {  // a surrogate half comes out as bytes that printable() escapes
      out += static_cast<char>(0xE0 | (unit >> 12));
      out += static_cast<char>(0x80 | ((unit >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (unit & 0x3F));
    }
  }
  return out;
}

bool is_ascii_text(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte >= 0x7F) return false;
  }
  return !text.empty();
}

/// Firmware and loaders write ASCII or UTF-16, with or without a NUL or more behind it, and do not say which.
Shown text_of(Bytes data) {
  if (data.size() >= 4 && data[0] != 0 && data[1] == 0 && data[3] == 0) return utf8_of(data);
  const std::string_view ascii = as_text(data).substr(0, as_text(data).find('\0'));
  return ascii.size() >= kTextBytesMin && is_ascii_text(ascii) ? std::string(ascii) : "";
}

/// UEFI_VARIABLE_DATA: the name, and a value of one byte, such as SecureBoot's.
Shown variable_of(Bytes data) {
  ByteReader in(data, Endian::Little, "variable");
  TRY(in.take(kGuidBytes));
  const std::uint64_t name_units = TRY(in.u64());
  const std::uint64_t value_bytes = TRY(in.u64());
  if (name_units > kShownUnitsMax) return "";
  std::string name = utf8_of(TRY(in.take(2 * name_units)));
  if (value_bytes == 1 && in.remaining() == 1) return cat(name, "=", TRY(in.u8()));
  return name;
}

/// UEFI_IMAGE_LOAD_EVENT: the file names in its device path (UEFI §10.3.5.4).
Shown image_of(Bytes data) {
  ByteReader in(data, Endian::Little, "image load event");
  TRY(in.take(4 * sizeof(std::uint64_t)));
  std::string path;
  for (std::size_t node = 0; node < kPathNodesMax && in.remaining() > 0; ++node) {
    const std::uint8_t type = TRY(in.u8());
    const std::uint8_t subtype = TRY(in.u8());
    const std::uint16_t size = TRY(in.u16());
    if (size < 4) break;
    const Bytes body = TRY(in.take(size - 4u));
    if (type != 4 || subtype != 4) continue;
    const std::string part = utf8_of(body);
    if (!path.empty() && !part.starts_with('\\')) path += '\\';
    path += part;
  }
  return path;
}

/// A one-byte size, then that much text: UEFI_PLATFORM_FIRMWARE_BLOB2, UEFI_HANDOFF_TABLE_POINTERS2.
Shown counted_text_of(Bytes data) {
  ByteReader in(data, Endian::Little, "description");
  return text_of(TRY(in.take(TRY(in.u8()))));
}

/// TCG_PCClientTaggedEvent.
Shown tagged_of(Bytes data) {
  ByteReader in(data, Endian::Little, "tagged event");
  TRY(in.u32());
  return text_of(TRY(in.take(TRY(in.u32()))));
}

/// The signature that EV_NO_ACTION events begin with, and the locality of StartupLocality.
Shown no_action_of(Bytes data) {
  ByteReader in(data, Endian::Little, "informative event");
  std::string signature = TRY(text_of(TRY(in.take(kGuidBytes))));
  if (signature == "StartupLocality") return cat(signature, " ", TRY(in.u8()));
  return signature;
}

Shown separator_of(Bytes data) { return equal(data, ByteArray<4>{1, 0, 0, 0}) ? "error" : TRY(text_of(data)); }

Shown shown(const Event& event) {
  switch (event.type) {
    case kEvNoAction: return no_action_of(event.data);
    case kEvSeparator: return separator_of(event.data);
    case kEvEventTag: return tagged_of(event.data);
    case kEvEfiVariableDriverConfig:
    case kEvEfiVariableBoot:
    case kEvEfiVariableBoot2:
    case kEvEfiVariableAuthority: return variable_of(event.data);
    case kEvEfiBootServicesApplication:
    case kEvEfiBootServicesDriver:
    case kEvEfiRuntimeServicesDriver: return image_of(event.data);
    case kEvEfiPlatformFirmwareBlob2:
    case kEvEfiHandoffTables2: return counted_text_of(event.data);
    case kEvEfiGptEvent:
    case kEvEfiHandoffTables:
    case kEvEfiPlatformFirmwareBlob: return "";
    default: return text_of(event.data);
  }
}

}  // namespace

std::string describe(const Event& event) {
  const Shown text = shown(event);
  if (!text || text->empty()) return type_name(event.type);
  return cat(type_name(event.type), " ", printable(*text, kShownBytesMax));
}

}  // namespace holdfast::trust::eventlog
