#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "trust/audit/chain.h"

namespace holdfast::cli::commands {
namespace {

namespace chain = trust::audit;

constexpr std::size_t kTextBytesMax = 512;
constexpr std::size_t kDetailBytesMax = 256 * 1024;
constexpr std::size_t kDerBytesMax = 16 * 1024;
constexpr std::string_view kPage = "500";
constexpr std::int64_t kPageMax = 1000;
/// How the service calls its own chain, a name that no catalog can have.
constexpr std::string_view kServiceChain = "_service";

const Option kOfService{.name = "--service", .value = "", .help = "the service's own chain instead of a catalog's"};

Result<chain::SignedHead> head_of(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "audit head"));
  chain::SignedHead out;
  out.head.catalog = TRY(fields.text("catalog", kTextBytesMax));
  out.head.sequence = TRY(fields.integer("sequence", 0, INT64_MAX));
  out.head.hash = TRY(fields.digest256("hash"));
  out.signature = TRY(fields.base64("signature", kDerBytesMax));
  out.public_key = TRY(fields.base64("public_key", kDerBytesMax));
  return out;
}

Result<void> follow(chain::Walk& walk, const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "audit record"));
  const std::string catalog = TRY(fields.text("catalog", kTextBytesMax));
  const std::string actor = TRY(fields.text("actor", kTextBytesMax));
  const std::string action = TRY(fields.text("action", kTextBytesMax));
  const std::string subject = TRY(fields.text("subject", kTextBytesMax));
  const std::string detail = TRY(fields.text("detail", kDetailBytesMax));
  const std::int64_t sequence = TRY(fields.integer("sequence", 0, INT64_MAX));
  const std::int64_t at_ms = TRY(fields.integer("at_ms", INT64_MIN, INT64_MAX));
  const chain::Record record{catalog, sequence, WallTime{at_ms}, actor, action, subject, detail};
  return walk.follow(record, TRY(fields.digest256("hash")));
}

/// Page by page, so that no length of the chain fills the memory; records behind the head are of no interest.
Result<chain::Remembered> walk_chain(Session& session, const std::string& path, const std::string& catalog,
                                     std::optional<chain::Remembered> seen) {
  auto walk = TRY(chain::Walk::begin(TRY(head_of(TRY(session.get(path + "/head")))), catalog, std::move(seen)));
  std::string after;
  while (!walk.is_complete()) {
    const json::Value page = TRY(session.get(with_query(path, {{"after", after}, {"limit", kPage}})));
    const json::Value* items = page.find("items");
    if (items == nullptr || items->array() == nullptr || items->array()->empty()) break;
    for (const json::Value& item : *items->array()) {
      if (!walk.is_complete()) TRY(follow(walk, item));
    }
    after = in_words(items->array()->back().find("sequence"));
  }
  return walk.end();
}

Result<void> verify(Call& call) {
  const bool of_service = call.arguments.has("--service");
  const std::string catalog = of_service ? std::string() : call.catalog;
  chain::Remembered now;
  auto& known = call.session.config().catalogs[catalog];
  now = TRY(walk_chain(call.session, path_of({"catalogs", of_service ? kServiceChain : call.catalog, "audit"}), catalog,
                       known.audit));
  const std::int64_t before = known.audit ? known.audit->head.sequence : 0;
  known.audit = now;
  TRY(call.session.save());
  show_record(call.world, call.format,
              json::Object{{"verified", now.head.sequence},
                           {"seen_before", before},
                           {"head", to_hex(now.head.hash)},
                           {"key_sha256", to_hex(trust::crypto::sha256(now.public_key))}});
  return {};
}

Result<void> list(Call& call) {
  const std::string chain_name = call.arguments.has("--service") ? std::string(kServiceChain) : call.catalog;
  const auto after = TRY(integer_of(call.arguments, "--after", 0, INT64_MAX));
  const auto limit = TRY(integer_of(call.arguments, "--limit", 1, kItemsMax));
  const std::string path = with_query(path_of({"catalogs", chain_name, "audit"}),
                                      {{"limit", std::to_string(std::min<std::int64_t>(limit, kPageMax))},
                                       {"action", call.text("--action")},
                                       {"actor", call.text("--actor")},
                                       {"subject", call.text("--subject")},
                                       {"since", call.text("--since")},
                                       {"until", call.text("--until")}});
  const json::Array items = TRY(call.session.list(
      path, {.after = after == 0 ? "" : std::to_string(after), .limit = static_cast<std::size_t>(limit)}));
  show_list(call.world, call.format, items,
            {{"NUMBER", "sequence"},
             {"AT", "at"},
             {"ACTOR", "actor"},
             {"ACTION", "action"},
             {"SUBJECT", "subject"},
             {"DETAIL", "detail"}});
  return {};
}

}  // namespace

std::vector<Command> audit(World& world) {
  return {
      group("audit", "who did what: one hash chain per catalog"),
      in_catalog(world,
                 {.path = "audit list",
                  .summary = "list records, the oldest first",
                  .options = {kOfService,
                              {.name = "--after", .value = "N", .help = "those behind record N", .otherwise = "0"},
                              {.name = "--limit", .value = "N", .help = "at most so many", .otherwise = "200"},
                              {.name = "--action", .value = "ACTION", .help = "only these, such as device.held"},
                              {.name = "--actor", .value = "ACTOR", .help = "only by operator:NAME or device:ID"},
                              {.name = "--subject", .value = "NAME", .help = "only about this, such as a device's id"},
                              {.name = "--since", .value = "TIME", .help = "only since, as 2026-01-31T12:00:00Z"},
                              {.name = "--until", .value = "TIME", .help = "only before"}},
                  .examples = "  holdfast audit list --after 120\n"
                              "  holdfast audit list --subject hf-0123-4567-89ab-cdef --since 2026-01-31T00:00:00Z",
                  .run = {}},
                 list),
      in_catalog(world,
                 {.path = "audit verify",
                  .summary = "recompute the chain to its signed head and to the head seen last time; exit 1 if broken",
                  .options = {kOfService},
                  .examples = "  holdfast audit verify --catalog fleet",
                  .run = {}},
                 verify)};
}

}  // namespace holdfast::cli::commands
