#include "service/est/enroll.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/est.h"
#include "service/audit/audit.h"
#include "service/est/settings.h"
#include "service/est/things.h"
#include "service/identity/authorities.h"
#include "trust/crypto/hash.h"
#include "trust/x509/certs_only.h"
#include "trust/x509/request.h"

namespace holdfast::service::est {
namespace {

using ports::Table;
using ports::ThingRow;

/// Devices' clocks may be behind ours.
constexpr Duration kBackdated = hours(1);

struct Credentials {
  std::string name;
  Digest256 secret_sha256{};
};

/// RFC 7617. Whoever shows nothing is told how (401).
Result<Credentials> credentials_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!authorization.starts_with(kScheme)) {
    return fail(Next::Denied, kCallerUnknown, "expected a thing's name and one-time secret (Basic), saw none");
  }
  const auto pair = from_base64(authorization.substr(kScheme.size()));
  const std::string_view text = pair ? as_text(*pair) : std::string_view();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(Next::Denied, kCallerUnknown, "expected Basic with base64 of name:secret, saw other text");
  }
  return Credentials{std::string(text.substr(0, colon)), trust::crypto::sha256(as_bytes(text.substr(colon + 1)))};
}

/// The thing that these credentials name, if it may have a certificate now.
Result<ThingRow> usable_thing(ports::Transaction& tx, std::string_view catalog, const Credentials& shown,
                              WallTime now) {
  auto row = TRY(Table<ThingRow>(tx).find(catalog, shown.name));
  if (!row || row->secret_sha256 != shown.secret_sha256) {
    return fail(Next::Denied, kCallerUnknown, "expected a thing's name and its newest one-time secret, saw others");
  }
  if (row->used_at) {
    return fail(Next::Denied, kSecretUsed,
                cat("expected an unused secret, saw one that ", row->thing, " used at ", to_rfc3339(*row->used_at)));
  }
  if (now >= row->expires_at) {
    return fail(Next::Denied, kSecretExpired,
                cat("the secret of ", row->thing, " expired at ", to_rfc3339(row->expires_at)));
  }
  TRY(require_thing_name(tx, catalog, row->thing));
  return *std::move(row);
}

/// A request may leave its name out; one that wishes for another is a mistake that is better told than corrected.
Result<void> require_name(const trust::x509::CertificateRequest& request, std::string_view name) {
  if (!request.common_name || *request.common_name == name) return {};
  return fail(Next::Rejected, kRequestForAnother,
              cat("expected a request for CN=", name, ", saw one for CN=", printable(*request.common_name, 80)));
}

struct Ground {
  ports::CatalogRow catalog;
  Settings settings;
  ports::KeyRow authority;
};

Result<Ground> ground_of(ports::Transaction& tx, std::string_view catalog, WallTime now) {
  auto row = TRY(Table<ports::CatalogRow>(tx).find(catalog));
  const Settings settings = TRY(settings_of(tx, catalog));
  if (!row || !settings.things || row->state != ports::CatalogState::Ready) {
    return fail(Next::Denied, kEstOff, "this catalog gives things without a vault no certificates");
  }
  auto authority = TRY(identity::authority_in_force(tx, catalog, ports::KeyPurpose::UnattestedCa, now));
  return Ground{*std::move(row), settings, std::move(authority)};
}

}  // namespace

Result<Blob> enroll(Deps& deps, std::string_view catalog, std::string_view authorization, Bytes body, WallTime now) {
  const Credentials shown = TRY(credentials_of(authorization));
  std::optional<Ground> ground;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    TRY(usable_thing(tx, catalog, shown, now));
    ground = TRY(ground_of(tx, catalog, now));
    return {};
  }));
  const Blob request_der = TRY(decode_body(body));
  const auto request = TRY(input(trust::x509::parse_request(request_der)));
  TRY(require_name(request, shown.name));
  const identity::LeafOrder order{.kind = ports::CertificateKind::Unattested,
                                  .device = shown.name,
                                  .spki = request.key.spki(),
                                  .not_before = now - kBackdated,
                                  .not_after = now + ground->settings.thing_life};
  const auto issued = TRY(identity::issue(deps, ground->catalog, ground->authority, order));
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    ThingRow thing = TRY(usable_thing(tx, catalog, shown, now));
    if (TRY(ground_of(tx, catalog, now)).settings != ground->settings) {
      return fail(Next::Conflict, kEstOff, "what EST may issue changed meanwhile; ask again");
    }
    thing.used_at = now;
    TRY(Table<ThingRow>(tx).update(thing));
    TRY(identity::require_authority_of(tx, issued.row));
    TRY(Table<ports::CertificateRow>(tx).insert(issued.row));
    return audit::append(tx,
                         {thing.catalog, cat("thing:", thing.thing), "thing.enrolled", thing.thing,
                          json::Object{{"serial", to_hex(issued.row.serial)}}},
                         now);
  }));
  return trust::x509::certs_only({issued.certificate});
}

}  // namespace holdfast::service::est
