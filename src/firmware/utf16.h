// Text as firmware keeps it: UTF-16, little-endian, with its end. Of ASCII.
#pragma once

#include <string_view>

#include "base/byte_io.h"

namespace holdfast::firmware {

inline Blob utf16(std::string_view ascii) {
  ByteWriter out(Endian::Little);
  for (const char one : ascii) out.u16(static_cast<std::uint8_t>(one));
  out.u16(0);
  return std::move(out).take();
}

}  // namespace holdfast::firmware
