#include <set>

#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/waiting.h"
#include "trust/appraisal/policy.h"

namespace holdfast::cli::commands {
namespace {

constexpr Reason kPolicyUnknown{"policy-unknown"};
constexpr std::size_t kShownReasonsMax = 5;
constexpr std::size_t kShownDevicesMax = 50;
constexpr std::string_view kWholeFleetPage = "1000";  ///< the largest that the service takes

const Option kName{
    .name = "NAME", .value = "NAME", .help = "the policy's name; default judges whoever names none", .required = true};
const Option kFile{.name = "FILE", .value = "FILE", .help = "a policy in JSON", .required = true};
const std::vector<Column> kColumns = {{"NAME", "name"},
                                      {"VERSION", "version"},
                                      {"LOOSENS", "loosenings"},
                                      {"PROPOSED BY", "proposed_by"},
                                      {"DECIDED BY", "decided_by"},
                                      {"CREATED", "created_at"}};

/// Read here too, so that what is wrong with the file is told before anything is sent.
Result<json::Value> policy_in(Call& call) {
  const std::string& file = call.text("FILE");
  const Blob text = TRY(call.world.files.read(file, trust::appraisal::kPolicyBytesMax));
  const auto policy = trust::appraisal::parse_policy(text);
  if (!policy) return fail_within(printable(file), policy.error());
  return trust::appraisal::to_json(*policy);
}

/// For people: the facts of the version without its document, which is a page of its own.
void show_version(const Call& call, const json::Value& row) {
  if (call.format == Format::Json) return show_record(call.world, call.format, row);
  json::Object facts;
  if (row.object() == nullptr) return;
  for (const auto& [name, value] : *row.object()) {
    if (name != "document") facts.emplace_back(name, value);
  }
  show_record(call.world, call.format, facts);
}

Result<void> list(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, call.path("policies"))), kColumns);
  return {};
}

/// The newest version, as the document that judges.
Result<void> show(Call& call) {
  const auto newest = call.session.get(call.path("policies", call.text("NAME")));
  if (!newest && newest.error().next == Next::NotFound) {
    return fail(
        Next::NotFound, kPolicyUnknown,
        cat("there is no policy '", printable(call.text("NAME"), 60), "'; devices are judged by the built-in one"));
  }
  if (!newest) return std::unexpected(newest.error());
  show_version(call, *newest);
  const json::Value* document = newest->find("document");
  if (call.format == Format::Table && document != nullptr) call.world.print(json::dump_pretty(*document) + "\n");
  return {};
}

Result<void> set(Call& call) {
  const json::Value policy = TRY(policy_in(call));
  const json::Value answer = TRY(call.session.post(call.path("policies", call.text("NAME")), policy));
  if (!show_waiting(call, answer)) show_version(call, answer);
  return {};
}

/// The device groups that this policy judges, as `product/group`.
Result<std::set<std::string>> groups_under(Call& call, const std::string& policy) {
  std::set<std::string> out;
  for (const json::Value& group : TRY(call.session.list(call.path("device-groups")))) {
    if (in_words(group.find("policy")) != policy) continue;
    out.insert(cat(in_words(group.find("product")), "/", in_words(group.find("name"))));
  }
  return out;
}

Result<std::set<std::string>> devices_under(Call& call, const std::string& policy) {
  const auto groups = TRY(groups_under(call, policy));
  std::set<std::string> out;
  for (const json::Value& device : TRY(call.session.list(call.path("devices"), {.page_size = kWholeFleetPage}))) {
    const std::string group = cat(in_words(device.find("product")), "/", in_words(device.find("device_group")));
    if (groups.contains(group)) out.insert(in_words(device.find("device")));
  }
  return out;
}

void show_changes(const Call& call, const json::Array& results) {
  Table table({"DEVICE", "NOW", "WOULD BE", "WHY"});
  std::size_t changed = 0;
  for (const json::Value& one : results) {
    const std::string now = in_words(one.find("now"));
    const std::string would_be = in_words(one.find("would_be"));
    if (now == would_be) continue;
    if (++changed > kShownDevicesMax) continue;
    const json::Value* why = one.find("why");
    json::Array reasons = why != nullptr && why->array() != nullptr ? *why->array() : json::Array();
    if (reasons.size() > kShownReasonsMax) reasons.resize(kShownReasonsMax);
    const json::Value shown = std::move(reasons);
    table.add({in_words(one.find("device")), now, would_be, in_words(&shown)});
  }
  if (changed > 0) call.world.print(table.text());
  if (changed > kShownDevicesMax) {
    call.world.print(cat("… and ", changed - kShownDevicesMax, " more; --output json lists them all.\n"));
  }
  call.world.print(cat(changed, " of ", results.size(), " devices would be judged otherwise.\n"));
}

Result<void> dry_run(Call& call) {
  const json::Value policy = TRY(policy_in(call));
  const auto devices = TRY(devices_under(call, call.text("NAME")));
  json::Array results = TRY(call.session.list(call.path("policy-dry-run"),
                                              {.method = "POST", .body = &policy, .page_size = kWholeFleetPage}));
  std::erase_if(results, [&](const json::Value& one) { return !devices.contains(in_words(one.find("device"))); });
  if (call.format == Format::Json) {
    show_list(call.world, call.format, results, {});
  } else {
    show_changes(call, results);
  }
  return {};
}

}  // namespace

std::vector<Command> policy(World& world) {
  return {group("policy", "how devices are judged: versioned, tried before it is enforced"),
          in_catalog(world,
                     {.path = "policy list",
                      .summary = "list every version of every policy",
                      .options = {limit_option()},
                      .examples = "  holdfast policy list",
                      .run = {}},
                     list),
          in_catalog(world,
                     {.path = "policy show",
                      .summary = "show the version of a policy that is in force",
                      .options = {kName},
                      .examples = "  holdfast policy show default --output json",
                      .run = {}},
                     show),
          in_catalog(world,
                     {.path = "policy set",
                      .summary = "put the next version in force, or propose it where what loosens is approved",
                      .options = {kName, kFile},
                      .examples = "  holdfast policy set default policy.json",
                      .run = {}},
                     set),
          in_catalog(world,
                     {.path = "policy dry-run",
                      .summary = "judge the last evidence of every device under this policy by a file instead",
                      .options = {kName, kFile},
                      .examples = "  holdfast policy dry-run default policy.json",
                      .run = {}},
                     dry_run)};
}

}  // namespace holdfast::cli::commands
