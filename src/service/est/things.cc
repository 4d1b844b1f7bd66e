#include "service/est/things.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/device.h"
#include "service/audit/audit.h"
#include "service/identity/certificates.h"
#include "trust/crypto/hash.h"
#include "trust/x509/profile.h"

namespace holdfast::service::est {

using ports::Table;
using ports::ThingRow;

Result<void> require_thing_name(ports::Transaction& tx, std::string_view catalog, std::string_view thing) {
  if (!trust::x509::is_device_name(thing)) {
    return fail(
        Next::Rejected, kNameMalformed,
        cat("expected a thing's name of 3 to 63 of a-z, 0-9 and inner hyphens, saw '", printable(thing, 80), "'"));
  }
  if (thing.starts_with(kVaultPrefix) || TRY(Table<ports::DeviceRow>(tx).find(catalog, thing))) {
    return fail(Next::Denied, kThingNameTaken,
                cat("expected a name that no device with a vault can have, saw '", thing, "'"));
  }
  return {};
}

Result<MadeSecret> make_secret(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view thing,
                               Duration life, const Caller& by, WallTime now) {
  TRY(require_thing_name(tx, catalog, thing));
  if (life <= Duration(0) || life > kSecretLifeMax) {
    return fail(Next::Rejected, kSecretLifeWrong,
                cat("expected a secret's life of at most ", to_text(kSecretLifeMax), ", saw ", to_text(life)));
  }
  const Secret random = ports::random_secret(deps.random, kSecretBytes);
  MadeSecret out;
  out.secret = to_base64url(random.expose());
  out.row.catalog = catalog;
  out.row.thing = thing;
  out.row.secret_sha256 = trust::crypto::sha256(as_bytes(out.secret));
  out.row.created_by = actor_of(by);
  out.row.created_at = now;
  out.row.expires_at = now + life;
  Table<ThingRow> table(tx);
  TRY(TRY(table.find(catalog, thing)) ? table.update(out.row) : table.insert(out.row));
  TRY(audit::append(tx, {out.row.catalog, actor_of(by), "thing.secret-made", out.row.thing, {}}, now));
  return out;
}

Result<void> remove_thing(ports::Transaction& tx, std::string_view catalog, std::string_view thing, const Caller& by,
                          WallTime now) {
  Table<ThingRow> table(tx);
  if (!TRY(table.find(catalog, thing))) {
    return fail(Next::NotFound, kNothingThere, cat("there is no thing '", printable(thing, 60), "'"));
  }
  TRY(table.erase(catalog, thing));
  TRY(identity::supersede(tx, catalog, thing, true, "the thing was removed", now));
  return audit::append(tx, {std::string(catalog), actor_of(by), "thing.removed", std::string(thing), {}}, now);
}

}  // namespace holdfast::service::est
