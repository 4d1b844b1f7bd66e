#include "base/encoding.h"
#include "service/audit/audit.h"
#include "service/gateway/page.h"

namespace holdfast::service::gateway {
namespace {

/// The service's own chain has no catalog; it is read under the name that no catalog can have.
std::string chain_of(const Call& call) {
  const std::string& name = call.parameter("catalog");
  return name == "_service" ? std::string() : name;
}

using ports::AuditRow;

/// Processes that share a chain have clocks of their own, so that its times rise only by and large.
constexpr Duration kClocksApart = minutes(10);

struct AuditFilter {
  std::string action;
  std::string actor;
  std::string subject;
  std::optional<WallTime> since;
  std::optional<WallTime> until;

  Fit fit(const AuditRow& row) const {
    if (until && row.at >= *until + kClocksApart) return Fit::End;
    return fit_of((action.empty() || row.action == action) && (actor.empty() || row.actor == actor) &&
                  (subject.empty() || row.subject == subject) && (!since || row.at >= *since) &&
                  (!until || row.at < *until));
  }
};

Result<AuditFilter> filter_of(const Call& call) {
  AuditFilter out;
  out.action = call.query("action");
  out.actor = call.query("actor");
  out.subject = call.query("subject");
  out.since = TRY(call.query_time("since"));
  out.until = TRY(call.query_time("until"));
  return out;
}

/// A number behind which every record lies that is as new as `since`: found by halving, since a chain has no gaps.
Result<std::int64_t> last_before(ports::Transaction& tx, const std::string& chain, WallTime since) {
  std::int64_t before = 0;
  std::int64_t behind = TRY(audit::head(tx, chain)).sequence + 1;
  while (behind - before > 1) {
    const std::int64_t middle = before + (behind - before) / 2;
    const auto row = TRY(ports::Table<AuditRow>(tx).find(chain, middle));
    (row && row->at < since - kClocksApart ? before : behind) = middle;
  }
  return before;
}

Result<Response> get_audit(const Call& call) {
  const auto limit = static_cast<std::size_t>(TRY(call.query_integer("limit", kPageMax, 1, kPageMax)));
  const std::int64_t asked_after = TRY(call.query_integer("after", 0, 0, INT64_MAX));
  const AuditFilter filter = TRY(filter_of(call));
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string chain = chain_of(call);
    std::int64_t after = asked_after;
    if (filter.since) after = std::max(after, TRY(last_before(tx, chain, *filter.since)));
    const ports::Scan scan{.prefix = ports::record_of(chain), .after = ports::record_of(chain, after)};
    auto page = TRY(fill_page<AuditRow>(
        tx, scan, limit, static_cast<std::size_t>(kPageMax), [&](const AuditRow& row) { return filter.fit(row); },
        [](const AuditRow& row) { return audit::to_json(row); }));
    std::optional<std::string> next;
    if (page.last) next = std::to_string(page.last->sequence);
    return list_response(std::move(page.items), std::move(next));
  });
}

Result<Response> get_audit_head(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto head = TRY(audit::signed_head(tx, call.deps, chain_of(call)));
    return json_response(200, json::Object{{"catalog", head.head.catalog},
                                           {"sequence", head.head.sequence},
                                           {"hash", to_hex(head.head.hash)},
                                           {"signature", to_base64(head.signature)},
                                           {"public_key", to_base64(head.public_key)}});
  });
}

}  // namespace

const std::vector<Route>& audit_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/audit", kBy, Scope::Read, get_audit,
       "after limit action actor subject since until"},
      {kPort, "GET", "/v1/catalogs/{catalog}/audit/head", kBy, Scope::Read, get_audit_head},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
