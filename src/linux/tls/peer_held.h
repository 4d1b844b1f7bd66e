// What libssl keeps for one kind of peer.
#pragma once

#include "linux/tls/openssl_held.h"
#include "linux/tls/peer.h"

namespace holdfast::linux::tls {

struct PeerSettings::Held {
  Peer peer;
  TlsSettings settings;  ///< not changed once made; sessions go to a stream's KeptSession
};

}  // namespace holdfast::linux::tls
