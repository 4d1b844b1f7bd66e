// The later life of a catalog's issuing CAs: what each of them is at this moment, how one is retired once nothing that
// it issued is in force any more, and how one is distrusted at once. A retired CA's key is destroyed; its certificate
// stays for the auditor. Promises: a CA with a certificate out there keeps its list; what was withdrawn issues nothing
// more.
#pragma once

#include <map>

#include "service/identity/authorities.h"

namespace holdfast::service::identity {

inline constexpr Reason kAuthorityInUse{"authority-in-use"};

enum class AuthorityState { Prepared, Announced, InForce, Overlapping, Expired, Retired, Distrusted };
std::string_view name_of(AuthorityState state);

/// What authorities issued and has not expired, by number; 0: nobody knows by which (from before migration 6).
struct Outstanding {
  std::size_t valid = 0;    ///< neither superseded nor revoked
  WallTime last_ends_at{};  ///< of all, since a list has to name what ended before its time until then
};
Result<std::map<std::int64_t, Outstanding>> outstanding(ports::Transaction& tx, std::string_view catalog,
                                                        ports::KeyPurpose purpose, WallTime now);

struct Authority {
  ports::KeyPurpose purpose = ports::KeyPurpose::ClientCa;
  std::int64_t number = 0;
  AuthorityState state = AuthorityState::Prepared;
  std::optional<Blob> certificate;
  WallTime created_at;
  std::optional<WallTime> in_force_at;
  std::optional<WallTime> not_after;
  std::optional<Outstanding> issued;  ///< none where nothing of it is out there
  bool may_retire = false;
  bool is_in_token = false;  ///< its key
  std::optional<WallTime> ended_at;
  std::string reason;
};
/// Every one that a catalog has or had, the newest first.
Result<std::vector<Authority>> authorities_of(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                              ports::KeyPurpose purpose, WallTime now);

/// Conflict (kAuthorityInUse), saying what for and until when. Again: nothing.
Result<void> retire_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog, ports::KeyPurpose purpose,
                              std::int64_t number, const Caller& by, WallTime now);

/// At once and for good: it issues nothing more and its list is given out no longer, without which no service that
/// checks revocation accepts what it issued. One that is announced takes its place at once; what it issued is ended by
/// supersede_issued_by(). Again: nothing.
Result<void> distrust_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog, ports::KeyPurpose purpose,
                                std::int64_t number, std::string_view reason, const Caller& by, WallTime now);

/// Ends, behind the transaction that withdrew it, the key of a former authority wherever it is. Again: nothing.
Result<void> destroy_key(Deps& deps, std::string_view catalog, ports::KeyPurpose purpose, std::int64_t number);

}  // namespace holdfast::service::identity
