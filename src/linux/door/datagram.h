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

/// `opened` below zero: none. It stays the caller's.
Result<void> send_datagram(int door, Bytes bytes, int opened);
/// Rejected where it is longer than any message.
Result<Datagram> receive_datagram(int door);

}  // namespace holdfast::linux::door
