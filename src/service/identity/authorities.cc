#include "service/identity/authorities.h"

#include "base/text.h"
#include "service/audit/audit.h"
#include "service/identity/revocation_lists.h"
#include "service/numbers.h"
#include "trust/crypto/hash.h"
#include "trust/x509/authority_check.h"
#include "trust/x509/request.h"

namespace holdfast::service::identity {
namespace {

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

std::string_view word_of(KeyPurpose purpose) { return name_of(authority_of(purpose)); }

constexpr std::size_t kKeysLookedAt = 100;

Result<std::optional<KeyRow>> newest_key(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose,
                                         bool certified) {
  const ports::Scan scan{.prefix = ports::record_of(catalog, purpose), .limit = kKeysLookedAt, .descending = true};
  for (KeyRow& row : TRY(Table<KeyRow>(tx).scan(scan))) {
    if (row.certificate.has_value() == certified) return std::optional<KeyRow>(std::move(row));
  }
  return std::optional<KeyRow>();
}

}  // namespace

std::string crl_url(const Settings& settings, std::string_view catalog, KeyPurpose purpose) {
  return cat(settings.crl_url, "/v1/crl/", catalog, "/", word_of(purpose), ".crl");
}

Result<KeyRow> prepare_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog, KeyPurpose purpose,
                                 const Caller& by, WallTime now) {
  if (auto waiting = TRY(newest_key(tx, catalog, purpose, false))) return *std::move(waiting);
  const auto newest = TRY(newest_key(tx, catalog, purpose, true));
  const Numbered last = newest ? Numbered{newest->number, newest->created_at} : Numbered{};
  KeyRow row = TRY(deps.keyring.make(std::string(catalog), purpose, TRY(next_number(tx, last)), now));
  TRY(Table<KeyRow>(tx).insert(row));
  TRY(audit::append(tx,
                    {row.catalog, actor_of(by), "authority.prepared", row.catalog,
                     json::Object{{"authority", word_of(purpose)}, {"number", row.number}}},
                    now));
  return row;
}

Result<Blob> authority_request(Deps& deps, const KeyRow& key) {
  const auto signer = TRY(deps.keyring.open(key));
  const Blob to_be_signed = trust::x509::request_to_be_signed(signer->public_key(), key.catalog, word_of(key.purpose));
  return trust::x509::assemble_request(to_be_signed,
                                       TRY(signer->sign(trust::crypto::HashAlgorithm::Sha256, to_be_signed)));
}

Result<void> certify_authority(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose, Bytes certificate,
                               Bytes root, WallTime now) {
  auto row = TRY(newest_key(tx, catalog, purpose, false));
  if (!row) {
    return fail(Next::NotFound, kAuthorityMissing,
                cat("there is no ", word_of(purpose), " CA of '", catalog, "' that waits for a certificate"));
  }
  const Certificate leaf = TRY(input(trust::x509::parse_certificate(certificate)));
  const Certificate anchor = TRY(input(trust::x509::parse_certificate(root)));
  if (leaf.public_key().spki() != row->public_key) {
    return fail(Next::Rejected, kAuthorityWrong,
                cat("expected a certificate for the ", word_of(purpose), " CA's prepared key, saw one for another"));
  }
  TRY(trust::x509::require_issuing_ca(leaf, anchor, authority_of(purpose), std::string(catalog),
                                      static_cast<int>(row->number), now));
  row->certificate = to_blob(certificate);
  row->root = to_blob(root);
  TRY(Table<KeyRow>(tx).update(*row));
  return outdate_lists(tx, catalog, purpose);
}

Result<std::vector<KeyRow>> authorities_not_expired(ports::Transaction& tx, std::string_view catalog,
                                                    KeyPurpose purpose, WallTime now) {
  const ports::Scan scan{.prefix = ports::record_of(catalog, purpose), .limit = kKeysLookedAt, .descending = true};
  std::vector<KeyRow> out;
  for (KeyRow& row : TRY(Table<KeyRow>(tx).scan(scan))) {
    if (!row.certificate) continue;
    const Certificate certificate = TRY(trust::x509::parse_certificate(*row.certificate));
    if (certificate.not_after() >= now) out.push_back(std::move(row));
  }
  return out;
}

Result<KeyRow> authority_in_force(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose) {
  auto row = TRY(newest_key(tx, catalog, purpose, true));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kAuthorityMissing,
              cat("the catalog '", printable(catalog), "' has no certified ", word_of(purpose), " CA yet"));
}

}  // namespace holdfast::service::identity
