#include "trust/eventlog/event.h"

#include <doctest/doctest.h>

#include "base/byte_io.h"

using namespace holdfast;
using namespace holdfast::trust::eventlog;

namespace {

Event event_of(std::uint32_t type, Bytes data) {
  Event event;
  event.type = type;
  event.data = to_blob(data);
  return event;
}

std::string described(std::uint32_t type, Bytes data) { return describe(event_of(type, data)); }
std::string described(std::uint32_t type, std::string_view text) { return described(type, as_bytes(text)); }

Blob utf16(std::string_view ascii) {
  ByteWriter out(Endian::Little);
  for (const char c : ascii) out.u16(static_cast<std::uint8_t>(c));
  return out.take();
}

Blob variable(std::string_view name, Bytes value) {
  return ByteWriter(Endian::Little)
      .bytes(Blob(16, 0xAB))
      .u64(name.size())
      .u64(value.size())
      .bytes(utf16(name))
      .bytes(value)
      .take();
}

Blob image(std::initializer_list<std::string_view> files) {
  ByteWriter out(Endian::Little);
  out.bytes(Blob(32)).u8(2).u8(1).u16(12).u64(0);
  for (const std::string_view file : files) {
    const Blob name = utf16(file);
    out.u8(4).u8(4).u16(static_cast<std::uint16_t>(name.size() + 6)).bytes(name).u16(0);
  }
  return out.u8(0x7F).u8(0xFF).u16(4).take();
}

}  // namespace

TEST_CASE("types have the profile's names, unknown ones their number") {
  CHECK(type_name(kEvSeparator) == "EV_SEPARATOR");
  CHECK(type_name(kEvEfiVariableAuthority) == "EV_EFI_VARIABLE_AUTHORITY");
  CHECK(type_name(0x12345678) == "EV_0x12345678");
}

TEST_CASE("only EV_NO_ACTION extends nothing") {
  CHECK_FALSE(extends(event_of(kEvNoAction, {})));
  CHECK(extends(event_of(kEvSeparator, {})));
  CHECK(extends(event_of(0x12345678, {})));
}

TEST_CASE("text is shown, whether ASCII or UTF-16, terminated or not") {
  CHECK(described(kEvIpl, "grub_cmd: linux /vmlinuz") == "EV_IPL grub_cmd: linux /vmlinuz");
  CHECK(described(kEvAction, std::string_view{"Exit\0\0", 6}) == "EV_ACTION Exit");
  CHECK(described(kEvIpl, utf16("quiet")) == "EV_IPL quiet");
  CHECK(described(kEvSCrtmVersion, utf16("v2")) == "EV_S_CRTM_VERSION v2");
  CHECK(described(kEvNonhostInfo, std::string_view{"GCE\0\x01\xFF", 6}) == "EV_NONHOST_INFO GCE");
}

TEST_CASE("variables are shown by name, with a value of one byte") {
  CHECK(described(kEvEfiVariableDriverConfig, variable("SecureBoot", ByteArray<1>{1})) ==
        "EV_EFI_VARIABLE_DRIVER_CONFIG SecureBoot=1");
  CHECK(described(kEvEfiVariableBoot, variable("Boot0001", Blob(90))) == "EV_EFI_VARIABLE_BOOT Boot0001");
}

TEST_CASE("images are shown by the file names of their device path") {
  CHECK(described(kEvEfiBootServicesApplication, image({"\\EFI\\BOOT\\BOOTX64.EFI"})) ==
        "EV_EFI_BOOT_SERVICES_APPLICATION \\EFI\\BOOT\\BOOTX64.EFI");
  CHECK(described(kEvEfiBootServicesApplication, image({"\\EFI", "grub.efi"})) ==
        "EV_EFI_BOOT_SERVICES_APPLICATION \\EFI\\grub.efi");
  CHECK(described(kEvEfiBootServicesDriver, image({})) == "EV_EFI_BOOT_SERVICES_DRIVER");
}

TEST_CASE("informative, tagged, counted and separating events are shown by what they hold") {
  CHECK(described(kEvNoAction, std::string_view{"StartupLocality\0\x03", 17}) == "EV_NO_ACTION StartupLocality 3");
  CHECK(described(kEvEventTag, std::string_view{"\x01\x02\x03\x04\x06\0\0\0initrd", 14}) == "EV_EVENT_TAG initrd");
  CHECK(described(kEvEfiPlatformFirmwareBlob2, std::string_view{"\x04PEI1", 5}) ==
        "EV_EFI_PLATFORM_FIRMWARE_BLOB2 PEI1");
  CHECK(described(kEvSeparator, Blob(4)) == "EV_SEPARATOR");
  CHECK(described(kEvSeparator, Blob(4, 0xFF)) == "EV_SEPARATOR");
  CHECK(described(kEvSeparator, ByteArray<4>{1}) == "EV_SEPARATOR error");
}

TEST_CASE("a hostile log line cannot move the cursor, forge lines or grow without bound") {
  CHECK(described(kEvIpl, "ok\nEV_SEPARATOR forged") == "EV_IPL ok\\x0aEV_SEPARATOR forged");
  CHECK(described(kEvIpl, "\x1b[2J cleared") == "EV_IPL");
  CHECK(described(kEvEfiVariableBoot, variable("\x1b[2J", {})) == "EV_EFI_VARIABLE_BOOT \\x1b[2J");
  const Blob right_to_left = {'a', 0, 0x2E, 0x20, 'b', 0};  // U+202E
  CHECK(described(kEvIpl, right_to_left) == "EV_IPL");
  const Blob surrogate = {'a', 0, 'b', 0, 0x00, 0xD8};
  CHECK(described(kEvIpl, surrogate) == "EV_IPL ab\\xed\\xa0\\x80");
  CHECK(described(kEvIpl, std::string(100'000, 'a')).size() < 200);
  CHECK(described(kEvIpl, utf16(std::string(100'000, 'a'))).size() < 200);
}

TEST_CASE("data that is not what its type promises is shown as the type alone") {
  for (const std::uint32_t type :
       {kEvNoAction, kEvEventTag, kEvEfiVariableBoot, kEvEfiBootServicesApplication, kEvEfiPlatformFirmwareBlob2}) {
    CHECK(described(type, Blob()) == type_name(type));
    CHECK(described(type, Blob(7, 0xFF)) == type_name(type));
  }
  Blob endless = variable("x", {});
  endless[16 + 7] = 0xFF;  // a name of 2^63 characters
  CHECK(described(kEvEfiVariableBoot, endless) == "EV_EFI_VARIABLE_BOOT");
}
