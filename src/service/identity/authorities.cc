#include "service/identity/authorities.h"

#include <algorithm>

#include "base/text.h"
#include "service/audit/audit.h"
#include "service/identity/revocation_lists.h"
#include "service/numbers.h"
#include "trust/crypto/hash.h"
#include "trust/x509/authority_check.h"
#include "trust/x509/not_after.h"
#include "trust/x509/request.h"

namespace holdfast::service::identity {
namespace {

using ports::FormerAuthorityRow;
using ports::KeyPurpose;
using ports::KeyRow;
using ports::Table;
using trust::x509::Certificate;

using trust::x509::Authority;

Authority authority_of(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::ClientCa: return Authority::Client;
    case KeyPurpose::UnattestedCa: return Authority::Unattested;
    default: return Authority::Update;
  }
}

constexpr std::size_t kKeysLookedAt = 100;

/// All that are not retired, the newest first.
Result<std::vector<KeyRow>> keys_of(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose) {
  return Table<KeyRow>(tx).scan(
      {.prefix = ports::record_of(catalog, purpose), .limit = kKeysLookedAt, .descending = true});
}

Result<std::optional<KeyRow>> waiting_key(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose) {
  for (KeyRow& row : TRY(keys_of(tx, catalog, purpose))) {
    if (!row.certificate) return std::optional<KeyRow>(std::move(row));
  }
  return std::optional<KeyRow>();
}

Result<Numbered> newest_number(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose) {
  const ports::Scan newest{.prefix = ports::record_of(catalog, purpose), .limit = 1, .descending = true};
  Numbered out;
  for (const KeyRow& row : TRY(Table<KeyRow>(tx).scan(newest))) out = {row.number, row.created_at};
  for (const auto& row : TRY(Table<FormerAuthorityRow>(tx).scan(newest))) {
    if (row.number > out.number) out = {row.number, row.created_at};
  }
  return out;
}

/// One rotation after the other: a second one that begins before the first is through would only grow the path.
Result<void> require_room(const std::vector<KeyRow>& keys, KeyPurpose purpose, WallTime now) {
  for (const KeyRow& row : keys) {
    if (!is_announced(row, now)) continue;
    return fail(Next::Conflict, kAuthorityNotYet,
                cat("the ", name_of(purpose), " CA ", row.number, " is announced already, and in force from ",
                    to_rfc3339(*row.in_force_at)));
  }
  if (keys.size() < kAuthoritiesMax) return {};
  return fail(Next::Conflict, kAuthoritiesTooMany,
              cat("expected at most ", kAuthoritiesMax - 1, " ", name_of(purpose), " CAs that are not retired, saw ",
                  keys.size(), "; retire those whose certificates have ended"));
}

/// From when a new authority issues.
Result<WallTime> in_force_at(const std::vector<KeyRow>& keys, KeyPurpose purpose, Duration announced, WallTime now) {
  std::optional<WallTime> covered_until;
  for (const KeyRow& row : keys) {
    if (!row.certificate || is_announced(row, now)) continue;
    const WallTime not_after = TRY(trust::x509::stored_not_after(*row.certificate));
    covered_until = std::max(covered_until.value_or(not_after), not_after);
  }
  if (!covered_until || *covered_until < now) return now;
  if (announced < kAnnouncedMin || announced > kAnnouncedMax) {
    return fail(Next::Rejected, kInputMalformed,
                cat("expected the ", name_of(purpose), " CA to be announced for ", to_text(kAnnouncedMin), " to ",
                    to_text(kAnnouncedMax), ", so that relying services have its list, saw ", to_text(announced)));
  }
  return std::min(now + announced, *covered_until);
}

}  // namespace

std::string_view name_of(KeyPurpose purpose) { return trust::x509::name_of(authority_of(purpose)); }

std::string key_name(const KeyRow& row) {
  return cat("the ", name_of(row.purpose), " CA ", row.number, " of '", printable(row.catalog), "'");
}

Result<KeyPurpose> parse_authority(std::string_view word) {
  for (const KeyPurpose purpose : kIssuingAuthorities) {
    if (word == name_of(purpose)) return purpose;
  }
  return fail(Next::Rejected, kInputMalformed,
              cat("expected the authority client, update or unattested, saw '", printable(word, 40), "'"));
}

std::string crl_url(const Settings& settings, std::string_view catalog, KeyPurpose purpose) {
  return cat(settings.crl_url, "/v1/crl/", catalog, "/", name_of(purpose), ".crl");
}

Result<KeyRow> prepare_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog, KeyPurpose purpose,
                                 const Caller& by, WallTime now) {
  if (auto waiting = TRY(waiting_key(tx, catalog, purpose))) return *std::move(waiting);
  TRY(require_room(TRY(keys_of(tx, catalog, purpose)), purpose, now));
  const std::int64_t number = TRY(next_number(tx, TRY(newest_number(tx, catalog, purpose))));
  KeyRow row = TRY(deps.keyring.make(std::string(catalog), purpose, number, now));
  TRY(Table<KeyRow>(tx).insert(row));
  TRY(audit::append(tx,
                    {row.catalog, actor_of(by), "authority.prepared", row.catalog,
                     json::Object{{"authority", name_of(purpose)}, {"number", row.number}}},
                    now));
  return row;
}

Result<Blob> sign_as(Deps& deps, const KeyRow& authority, Bytes message) {
  const auto later = [&](Error error) {
    const bool is_damaged = error.next == Next::Corrupt;
    if (!is_damaged) error.next = Next::Retry;
    return fail_within(key_name(authority), std::move(error));
  };
  const auto signer = deps.keyring.signer(authority);
  if (!signer) return later(signer.error());
  auto signature = (*signer)->sign(message);
  if (!signature) return later(signature.error());
  return *std::move(signature);
}

Result<Blob> authority_request(Deps& deps, const KeyRow& key) {
  const auto public_key = TRY(trust::crypto::PublicKey::from_spki(key.public_key));
  const Blob to_be_signed = trust::x509::request_to_be_signed(public_key, key.catalog, name_of(key.purpose));
  return trust::x509::assemble_request(to_be_signed, TRY(sign_as(deps, key, to_be_signed)));
}

Result<KeyRow> certify_authority(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose,
                                 Bytes certificate, Bytes root, Duration announced, WallTime now) {
  auto row = TRY(waiting_key(tx, catalog, purpose));
  if (!row) {
    return fail(Next::NotFound, kAuthorityMissing,
                cat("there is no ", name_of(purpose), " CA of '", catalog, "' that waits for a certificate"));
  }
  const Certificate leaf = TRY(input(trust::x509::parse_certificate(certificate)));
  const Certificate anchor = TRY(input(trust::x509::parse_certificate(root)));
  if (leaf.public_key().spki() != row->public_key) {
    return fail(Next::Rejected, kAuthorityWrong,
                cat("expected a certificate for the ", name_of(purpose), " CA's prepared key, saw one for another"));
  }
  TRY(trust::x509::require_issuing_ca(leaf, anchor, authority_of(purpose), std::string(catalog),
                                      static_cast<int>(row->number), now));
  row->in_force_at = TRY(in_force_at(TRY(keys_of(tx, catalog, purpose)), purpose, announced, now));
  row->certificate = to_blob(certificate);
  row->root = to_blob(root);
  TRY(Table<KeyRow>(tx).update(*row));
  TRY(outdate_lists(tx, catalog, purpose));
  return *std::move(row);
}

Result<std::vector<KeyRow>> authorities_not_expired(ports::Transaction& tx, std::string_view catalog,
                                                    KeyPurpose purpose, WallTime now) {
  std::vector<KeyRow> out;
  for (KeyRow& row : TRY(keys_of(tx, catalog, purpose))) {
    if (!row.certificate) continue;
    if (TRY(trust::x509::stored_not_after(*row.certificate)) >= now) out.push_back(std::move(row));
  }
  return out;
}

Result<KeyRow> authority_in_force(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose, WallTime now) {
  std::optional<WallTime> ended;
  for (KeyRow& row : TRY(keys_of(tx, catalog, purpose))) {
    if (!row.certificate || is_announced(row, now)) continue;
    const WallTime not_after = TRY(trust::x509::stored_not_after(*row.certificate));
    if (not_after > now) return std::move(row);
    ended = std::max(ended.value_or(not_after), not_after);
  }
  const std::string why = ended ? cat("has since ", to_rfc3339(*ended), " no unexpired") : "has no certified";
  return fail(Next::NotFound, kAuthorityMissing,
              cat("the catalog '", printable(catalog), "' ", why, " ", name_of(purpose),
                  " CA; its owner makes the next one (holdfast authority rotate)"));
}

}  // namespace holdfast::service::identity
