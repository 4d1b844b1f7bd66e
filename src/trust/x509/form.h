// The rules of form that a certificate on a path must keep beyond what OpenSSL's strict verifier looks at, each with
// its source: RFC 5280, and where it is silent, the CA/Browser Forum's Baseline Requirements ("BR"), which describe
// the certificates that everybody's software agrees on.
#pragma once

#include "trust/x509/chain.h"

namespace holdfast::trust::x509 {

/// Whether it is small enough to be looked at by the verifier at all.
bool is_within_budget(const Certificate& certificate);

/// Policy constraints without policies constrain nothing that this certificate says, and OpenSSL 3.0 loses 42 bytes
/// over each certificate that has them (policy_cache_new), so that none gets into a path.
bool has_bare_policy_constraints(const Certificate& certificate);

/// What only the leaf must keep: its own names, usage and serial.
Result<void> require_end_entity_form(const Certificate& leaf, Purpose purpose);

/// What every certificate on the path must keep; `anchor` is the one that was trusted.
Result<void> require_path_form(const Certificate& certificate, bool anchor);

/// Whether the name constraints on a path (leaf first) are well-formed, and exclude nothing that a wildcard of the leaf
/// could stand for.
Result<void> require_constraints(const std::vector<Certificate>& path);

}  // namespace holdfast::trust::x509
