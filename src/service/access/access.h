// People and programs of the management port. Tokens are 256 random bits, shown once, stored as their SHA-256, and
// carry one scope in one catalog or in all. The first token comes by a one-time owner link.
#pragma once

#include "ports/store/rows/access.h"
#include "service/deps.h"
#include "service/request.h"

namespace holdfast::service::access {

inline constexpr Reason kOwnerLinkSpent{"owner-link-spent"};

inline constexpr days kOwnerLinkLife{7};
inline constexpr std::size_t kTokenBytes = 32;
inline constexpr std::string_view kTokenPrefix = "hft_";

/// Whose token an Authorization header carries. Denied (kCallerUnknown) for none, malformed, unknown or expired ones.
Result<OperatorCaller> authenticate(ports::Transaction& tx, std::string_view authorization, WallTime now);

/// A fresh one-time secret for the owner's link, in base64url; stored as its digest.
Result<std::string> make_owner_link(ports::Transaction& tx, Deps& deps, WallTime now);
/// Whether nobody has used a link yet, so that the service has no owner.
Result<bool> has_no_operator(ports::Transaction& tx);

struct NewOperator {
  std::string name;
  std::string catalog;  ///< empty: every catalog
  Scope scope = Scope::Read;
  std::optional<WallTime> expires_at;
};

/// Creates an operator and returns the token.
Result<std::string> add_operator(ports::Transaction& tx, Deps& deps, const NewOperator& person, const Caller& by,
                                 WallTime now);
Result<void> revoke_operator(ports::Transaction& tx, std::string_view name, const Caller& by, WallTime now);

/// Trades the link's secret for the first token, with scope `own` over every catalog. Each start without an owner makes
/// a link; all of them end when the first is used.
Result<std::string> redeem_owner_link(ports::Transaction& tx, Deps& deps, std::string_view secret, std::string name,
                                      WallTime now);

}  // namespace holdfast::service::access
