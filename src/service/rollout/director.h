// The catalog's director at this service (Uptane's director repository): a key that the service makes and keeps, which
// the owner names in the trust policy before any device listens to it. It says which of the released images a device is
// to have, and what time it is; it can forge neither an image nor a root.
#pragma once

#include "ports/store/rows/certificate.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/tuf/director_targets.h"

namespace holdfast::service::rollout {

inline constexpr Reason kDirectorUnnamed{"director-unnamed"};

inline constexpr Duration kDirectionLife = days(14);

/// The newest key, made where there is none; a new one for `renew`.
Result<ports::KeyRow> prepare_director(ports::Transaction& tx, Deps& deps, std::string_view catalog, bool renew,
                                       const Caller& by, WallTime now);

/// Of those keys the one that the trust policy in force names; NotFound (kDirectorUnnamed) where it names none.
Result<ports::KeyRow> director_in_force(ports::Transaction& tx, std::string_view catalog);

/// The document with this key's signature, as published.
Result<Blob> sign_as_director(Deps& deps, const ports::KeyRow& key, trust::tuf::Envelope envelope);

}  // namespace holdfast::service::rollout
