#include "service/rollout/director.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "service/audit/audit.h"
#include "service/claim/owner_documents.h"
#include "service/numbers.h"

namespace holdfast::service::rollout {
namespace {

namespace tuf = trust::tuf;
using ports::KeyPurpose;
using ports::KeyRow;
using ports::Table;

constexpr std::size_t kKeysLookedAt = 16;

Result<std::vector<KeyRow>> keys_of(ports::Transaction& tx, std::string_view catalog) {
  return Table<KeyRow>(tx).scan(
      {.prefix = ports::record_of(catalog, KeyPurpose::Director), .limit = kKeysLookedAt, .descending = true});
}

Result<tuf::Key> tuf_key_of(const KeyRow& row) {
  return tuf::make_key(TRY(trust::crypto::PublicKey::from_spki(row.public_key)));
}

}  // namespace

Result<KeyRow> prepare_director(ports::Transaction& tx, Deps& deps, std::string_view catalog, bool renew,
                                const Caller& by, WallTime now) {
  const auto there = TRY(keys_of(tx, catalog));
  if (!there.empty() && !renew) return there.front();
  const Numbered newest = there.empty() ? Numbered{} : Numbered{there.front().number, there.front().created_at};
  KeyRow row = TRY(deps.keyring.make(std::string(catalog), KeyPurpose::Director, TRY(next_number(tx, newest)), now));
  TRY(Table<KeyRow>(tx).insert(row));
  const tuf::KeyId id = TRY(tuf_key_of(row)).id;
  TRY(audit::append(
      tx,
      {row.catalog, actor_of(by), "director.prepared", row.catalog, json::Object{{"number", row.number}, {"key", id}}},
      now));
  return row;
}

Result<KeyRow> director_in_force(ports::Transaction& tx, std::string_view catalog) {
  const auto policy = TRY(claim::current_trust_policy(tx, catalog));
  if (policy->director) {
    const auto& named = policy->director->role.key_ids;
    for (KeyRow& row : TRY(keys_of(tx, catalog))) {
      if (std::ranges::find(named, TRY(tuf_key_of(row)).id) != named.end()) return std::move(row);
    }
  }
  return fail(Next::NotFound, kDirectorUnnamed,
              cat("expected the trust policy of '", printable(catalog),
                  "' to name this service's director, saw one that does not; see holdfast director appoint"));
}

Result<Blob> sign_as_director(Deps& deps, const KeyRow& key, tuf::Envelope envelope) {
  const auto signer = TRY(deps.keyring.signer(key));
  const Blob signature = TRY(signer->sign(envelope.to_be_signed));
  TRY(tuf::add_signature(envelope, TRY(tuf_key_of(key)), signature));
  return tuf::dump_envelope(envelope);
}

}  // namespace holdfast::service::rollout
