// Why this device is not further: the last failure that nothing has succeeded after, for whoever asks the device.
#pragma once

#include "base/bytes.h"
#include "base/time.h"

namespace holdfast::device::record {

inline constexpr std::size_t kTroubleBytesMax = 1024;

struct Trouble {
  static constexpr std::string_view kName = "trouble";

  std::string activity;
  std::string reason;   ///< the word
  std::string message;  ///< the sentence, printable
  WallTime since;

  static Result<Trouble> decode(Bytes record);
  Blob encode() const;
};

}  // namespace holdfast::device::record
