// Revocation lists for services that are not Holdfast (RFC 5280 §5). Anybody may ask for them, so they are signed at
// most once a second, and otherwise when a certificate ended since or the last signing is half a minute ago. What was
// signed is kept in the store: every process gives out the same list, and its number never goes back. Promises: a
// certificate that ended is in what is given out a second later; a list has most of its life before it.
#pragma once

#include <vector>

#include "ports/store/rows/certificate.h"
#include "service/deps.h"

namespace holdfast::service::identity {

inline constexpr Duration kListLife = minutes(5);
inline constexpr Duration kListReuse = seconds(30);       ///< given out again so long where nothing changed
inline constexpr Duration kListSignedEvery = seconds(1);  ///< at most, whatever changed
inline constexpr Duration kListBackdated = minutes(1);    ///< for who has a clock that is slow
inline constexpr std::size_t kListedAuthoritiesMax = 4;   ///< the newest

struct RevocationLists {
  std::int64_t number = 0;
  WallTime signed_at;
  std::vector<Blob>
      lists;  ///< DER, one for each authority from its announcement to its end, that of the one in force first
};

/// Of a catalog's client or update authorities. NotFound where none is certified.
Result<RevocationLists> revocation_lists(Deps& deps, std::string_view catalog, ports::KeyPurpose purpose, WallTime now);

/// How long they may be kept by who was given them now.
Duration fresh_for(const RevocationLists& lists, WallTime now);

/// A certificate ended, or an authority was certified: in the transaction in which it happens.
Result<void> outdate_lists(ports::Transaction& tx, std::string_view catalog, ports::KeyPurpose purpose);

/// Whose lists name certificates of this kind.
ports::KeyPurpose list_of(ports::CertificateKind kind);

}  // namespace holdfast::service::identity
