// One message of a door, with a descriptor beside it or without (unix(7), SCM_RIGHTS).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::door {

struct Datagram {
  Blob bytes;  ///< empty: the other side is gone
  system::Descriptor opened;
};

/// `opened` below zero: none. It stays the caller's. Waits for nobody: an Error where the other side does not read.
Result<void> send_datagram(int door, Bytes bytes, int opened);
/// Rejected where it is longer than any message, or has more than one descriptor.
Result<Datagram> receive_datagram(int door);
/// The same without a descriptor: what somebody sends along is not taken.
Result<Blob> receive_bytes(int door);

}  // namespace holdfast::linux::door
