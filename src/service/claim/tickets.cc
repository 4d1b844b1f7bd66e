#include "service/claim/tickets.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/device.h"
#include "service/audit/audit.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/root.h"

namespace holdfast::service::claim {
namespace {

using ports::ClaimTicketRow;
using ports::ExpectedKeyRow;
using ports::Table;

/// The group must exist, and a named device too: a ticket that can never work helps nobody.
Result<void> require_target(ports::Transaction& tx, const TicketOrder& order) {
  if (!TRY(Table<ports::DeviceGroupRow>(tx).find(order.catalog, order.product, order.device_group))) {
    return fail(Next::NotFound, kNothingThere,
                cat("there is no device group '", printable(order.product), "/", printable(order.device_group), "'"));
  }
  if (order.device && !TRY(Table<ports::DeviceRow>(tx).find(order.catalog, *order.device))) {
    return fail(Next::NotFound, kNothingThere, cat("there is no device '", printable(*order.device), "'"));
  }
  if (order.life <= Duration(0) || order.life > kTicketLifeMax) {
    return fail(Next::Rejected, kInputMalformed,
                cat("expected a ticket's life of at most ", to_text(kTicketLifeMax), ", saw ", to_text(order.life)));
  }
  return {};
}

Result<Digest256> first_root_digest(ports::Transaction& tx, std::string_view catalog) {
  const auto row = TRY(Table<ports::OwnerDocumentRow>(tx).find(catalog, ports::OwnerDocument::Root, 1));
  if (!row) return fail(Next::NotFound, kNothingThere, cat("the catalog '", printable(catalog), "' has no owner root"));
  return trust::tuf::root_digest(row->bytes);
}

std::unexpected<Error> line_refused(int line, std::string_view why) {
  return fail(Next::Rejected, kListMalformed, cat("line ", line, ": ", why));
}

}  // namespace

Result<wire::ClaimTicket> create_ticket(ports::Transaction& tx, Deps& deps, const TicketOrder& order, const Caller& by,
                                        WallTime now) {
  TRY(require_target(tx, order));
  wire::ClaimTicket ticket;
  ticket.services = deps.settings.device_urls;
  ticket.owner_root = TRY(first_root_digest(tx, order.catalog));
  ticket.secret = ports::random_secret(deps.random, wire::kClaimSecretBytes);
  ticket.catalog = order.catalog;
  ticket.product = order.product;
  ticket.device_group = order.device_group;
  ticket.expires = now + order.life;
  ticket.device = order.device;
  ClaimTicketRow row;
  row.catalog = order.catalog;
  row.ticket = to_hex(ports::random_array<8>(deps.random));
  row.secret_sha256 = trust::crypto::sha256(ticket.secret.expose());
  row.product = order.product;
  row.device_group = order.device_group;
  row.device = order.device;
  row.created_by = actor_of(by);
  row.created_at = now;
  row.expires_at = ticket.expires;
  TRY(Table<ClaimTicketRow>(tx).insert(row));
  TRY(audit::append(tx,
                    {order.catalog, actor_of(by), "claim.created", row.ticket,
                     json::Object{{"product", order.product},
                                  {"device_group", order.device_group},
                                  {"device", order.device ? json::Value(*order.device) : json::Value()}}},
                    now));
  return ticket;
}

Result<ClaimTicketRow> find_ticket(ports::Transaction& tx, std::string_view catalog, Bytes secret) {
  auto row = TRY(Table<ClaimTicketRow>(tx).find_by(ports::kTicketsBySecret, catalog, trust::crypto::sha256(secret)));
  if (row) return *std::move(row);
  return fail(Next::Denied, kTicketUnknown, "expected the secret of a claim ticket, saw another");
}

Result<ClaimTicketRow> usable_ticket(ports::Transaction& tx, std::string_view catalog, Bytes secret,
                                     std::string_view device, WallTime now) {
  ClaimTicketRow row = TRY(find_ticket(tx, catalog, secret));
  if (row.consumed_at) {
    return fail(Next::Denied, kTicketConsumed,
                cat("expected an unused claim ticket, saw ticket ", row.ticket, " that ",
                    row.consumed_by.value_or("a device"), " used at ", to_rfc3339(*row.consumed_at)));
  }
  if (now >= row.expires_at) {
    return fail(Next::Denied, kTicketExpired,
                cat("claim ticket ", row.ticket, " expired at ", to_rfc3339(row.expires_at)));
  }
  if (row.device && *row.device != device) {
    return fail(Next::Denied, kTicketForAnother,
                cat("claim ticket ", row.ticket, " is for ", *row.device, ", saw ", device));
  }
  return row;
}

Result<std::vector<ExpectedKeyRow>> read_factory_list(ports::Transaction& tx, std::string_view catalog,
                                                      std::string_view csv, WallTime now) {
  if (!TRY(Table<ports::CatalogRow>(tx).find(catalog))) {
    return fail(Next::NotFound, kNothingThere, cat("there is no catalog '", printable(catalog, 60), "'"));
  }
  std::vector<ExpectedKeyRow> out;
  int line = 0;
  for (const std::string_view text : split(csv, '\n')) {
    ++line;
    const std::string_view content = trim(text);
    if (content.empty() || content.starts_with('#')) continue;
    const auto parts = split(content, ',');
    if (parts.size() < 3 || parts.size() > 4) {
      return line_refused(line, cat("expected ek_sha256,product,device_group[,label], saw ", parts.size(), " fields"));
    }
    const auto digest = array_from_hex<32>(trim(parts[0]));
    if (!digest) return line_refused(line, digest.error().message);
    ExpectedKeyRow row{std::string(catalog),
                       *digest,
                       std::string(trim(parts[1])),
                       std::string(trim(parts[2])),
                       parts.size() == 4 ? printable(trim(parts[3]), 64) : std::string(),
                       now};
    if (!TRY(Table<ports::DeviceGroupRow>(tx).find(catalog, row.product, row.device_group))) {
      return line_refused(
          line, cat("there is no device group '", printable(row.product), "/", printable(row.device_group), "'"));
    }
    out.push_back(std::move(row));
  }
  return out;
}

Result<int> add_expected_keys(ports::Transaction& tx, std::string_view catalog, std::string_view csv, const Caller& by,
                              WallTime now) {
  Table<ExpectedKeyRow> keys(tx);
  int added = 0;
  for (const ExpectedKeyRow& row : TRY(read_factory_list(tx, catalog, csv, now))) {
    auto inserted = keys.insert(row);
    if (!inserted && inserted.error().reason == ports::kRowExists) inserted = keys.update(row);
    if (!inserted) return std::unexpected(inserted.error());
    ++added;
  }
  TRY(audit::append(tx, {std::string(catalog), actor_of(by), "factory-list.added", "", json::Object{{"keys", added}}},
                    now));
  return added;
}

}  // namespace holdfast::service::claim
