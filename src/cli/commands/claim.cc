#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/waiting.h"
#include "wire/claim_ticket.h"

namespace holdfast::cli::commands {
namespace {

constexpr Reason kTicketForeign{"ticket-foreign"};
constexpr std::size_t kListBytesMax = 1024 * 1024;

const std::vector<Column> kTicketColumns = {
    {"TICKET", "ticket"},      {"PRODUCT", "product"},  {"GROUP", "device_group"}, {"DEVICE", "device"},
    {"EXPIRES", "expires_at"}, {"USED", "consumed_at"}, {"BY", "consumed_by"},     {"CREATED BY", "created_by"}};

/// A device believes its ticket, so that a ticket with another owner's root would give the device away.
Result<void> require_our_root(Call& call, const wire::ClaimTicket& ticket) {
  const auto known = call.session.config().catalogs.find(call.catalog);
  if (known == call.session.config().catalogs.end() || !known->second.owner_root) return {};
  if (*known->second.owner_root == ticket.owner_root && ticket.catalog == call.catalog) return {};
  return fail(Next::Denied, kTicketForeign,
              cat("expected a ticket for ", printable(call.catalog), " with the owner's root ",
                  to_hex(*known->second.owner_root), ", saw one for ", printable(ticket.catalog), " with ",
                  to_hex(ticket.owner_root)));
}

Result<void> create(Call& call) {
  json::Value order = json::Object{{"product", call.text("--product")}, {"device_group", call.text("--device-group")}};
  if (call.arguments.has("--device")) order.set("device", call.text("--device"));
  if (call.arguments.has("--life")) order.set("life", to_text(TRY(duration_of(call.arguments, "--life"))));
  std::string text = json::dump(TRY(call.session.post(call.path("claims"), order)));
  const Secret file(as_bytes(text));
  wipe(text);
  const auto ticket = TRY(wire::ClaimTicket::decode(file.expose()));
  TRY(require_our_root(call, ticket));
  TRY(call.world.files.write(call.text("--out"), file.expose(), Access::OwnerOnly));
  show_done(call.world, call.format,
            cat("A claim ticket, good for one device until ", to_rfc3339(ticket.expires), ", is in ",
                printable(call.text("--out")), "."));
  return {};
}

Result<void> list(Call& call) {
  show_list(call.world, call.format,
            TRY(items_of(call, call.path("claims"), {"--state", "--product", "--device-group", "--device"})),
            kTicketColumns);
  return {};
}

Result<void> withdraw(Call& call) {
  show_record(call.world, call.format, TRY(call.session.erase(call.path("claims", call.text("TICKET")))));
  return {};
}

Result<void> add_list(Call& call) {
  Blob csv = TRY(call.world.files.read(call.text("FILE"), kListBytesMax));
  const json::Value answer = TRY(call.session.post_text(call.path("factory-list"), "text/csv", std::move(csv)));
  if (!show_waiting(call, answer)) show_record(call.world, call.format, answer);
  return {};
}

Result<void> show_factory_list(Call& call) {
  show_list(call.world, call.format,
            TRY(items_of(call, call.path("factory-list"), {"--product", "--device-group", "--label"})),
            {{"EK SHA-256", "ek_sha256"},
             {"PRODUCT", "product"},
             {"GROUP", "device_group"},
             {"LABEL", "label"},
             {"ADDED", "added_at"}});
  return {};
}

Result<void> remove_from_list(Call& call) {
  show_record(call.world, call.format, TRY(call.session.erase(call.path("factory-list", call.text("SHA256")))));
  return {};
}

std::vector<Command> tickets(World& world) {
  return {
      group("claim", "how a device becomes its owner's: claim tickets and factory lists"),
      in_catalog(
          world,
          {.path = "claim create",
           .summary = "make a claim ticket, a secret that claims one device, once",
           .options =
               {{.name = "--product", .value = "PRODUCT", .help = "of which product", .required = true},
                {.name = "--device-group", .value = "GROUP", .help = "into which group", .required = true},
                {.name = "--device", .value = "ID", .help = "only this device may use it, to come back as itself"},
                {.name = "--life", .value = "TIME", .help = "until it is used [7d]"},
                {.name = "--out", .value = "FILE", .help = "where to put it, 0600", .required = true}},
           .examples = "  holdfast claim create --product gateway --device-group field --out ticket.json\n"
                       "  holdfast claim create --product gateway --device-group field --device "
                       "hf-0123-4567-89ab-cdef --out ticket.json",
           .run = {}},
          create),
      in_catalog(world,
                 {.path = "claim list",
                  .summary = "list the claim tickets, used and unused",
                  .options = {{.name = "--state", .value = "STATE", .help = "only those open, used or expired"},
                              {.name = "--product", .value = "PRODUCT", .help = "only those of a product"},
                              {.name = "--device-group", .value = "GROUP", .help = "only those in a group"},
                              {.name = "--device", .value = "ID", .help = "only those that a device may use or used"},
                              limit_option()},
                  .examples = "  holdfast claim list --state open",
                  .run = {}},
                 list),
      in_catalog(world,
                 {.path = "claim withdraw",
                  .summary = "make an unused ticket worthless",
                  .options = {{.name = "TICKET", .value = "TICKET", .help = "its id in the list", .required = true}},
                  .examples = "  holdfast claim withdraw 0011223344556677",
                  .run = {}},
                 withdraw)};
}

std::vector<Command> factory_lists(World& world) {
  return {group("claim factory-list", "endorsement keys that may enrol without a ticket"),
          in_catalog(world,
                     {.path = "claim factory-list add",
                      .summary = "add the keys of a CSV file, all or none",
                      .options = {{.name = "FILE",
                                   .value = "FILE",
                                   .help = "lines of ek_sha256,product,device_group[,label]",
                                   .required = true}},
                      .examples = "  holdfast claim factory-list add batch-17.csv",
                      .run = {}},
                     add_list),
          in_catalog(world,
                     {.path = "claim factory-list list",
                      .summary = "list the keys",
                      .options = {{.name = "--product", .value = "PRODUCT", .help = "only those of a product"},
                                  {.name = "--device-group", .value = "GROUP", .help = "only those in a group"},
                                  {.name = "--label", .value = "TEXT", .help = "only those with this label"},
                                  limit_option()},
                      .examples = "  holdfast claim factory-list list --output json",
                      .run = {}},
                     show_factory_list),
          in_catalog(world,
                     {.path = "claim factory-list remove",
                      .summary = "take a key off the list",
                      .options = {{.name = "SHA256",
                                   .value = "SHA256",
                                   .help = "of the endorsement key's SubjectPublicKeyInfo",
                                   .required = true}},
                      .examples = "  holdfast claim factory-list remove 3f2a…",
                      .run = {}},
                     remove_from_list)};
}

}  // namespace

std::vector<Command> claim(World& world) {
  std::vector<Command> out = tickets(world);
  for (Command& command : factory_lists(world)) out.push_back(std::move(command));
  return out;
}

}  // namespace holdfast::cli::commands
