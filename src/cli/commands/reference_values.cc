#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/waiting.h"
#include "trust/appraisal/reference_set.h"

namespace holdfast::cli::commands {
namespace {

const std::vector<Column> kColumns = {
    {"ID", "id"},         {"COMPONENT", "component"}, {"VERSION", "version"},  {"SECURITY VERSION", "security_version"},
    {"SOURCE", "source"}, {"ALLOWED", "allowed"},     {"ADDED BY", "added_by"}};

/// `gateway` or `gateway/field`.
std::string allowed_path(const Call& call, const std::string& id, std::string_view target) {
  const std::size_t slash = target.find('/');
  const std::string_view product = target.substr(0, slash);
  const std::string_view group = slash == std::string_view::npos ? std::string_view() : target.substr(slash + 1);
  return with_query(call.path("reference-values", id, "allowed"), {{"product", product}, {"device_group", group}});
}

/// The changes that wait for approval, where some of it loosens and does not take effect at once.
Result<json::Array> allow_all(Call& call, const std::string& id) {
  json::Array waits;
  for (const std::string& target : call.arguments.texts("--allow")) {
    const json::Value answer = TRY(call.session.put(allowed_path(call, id, target)));
    if (waiting_in(answer) != nullptr) waits.push_back(answer);
  }
  return waits;
}

void show_all_waiting(const Call& call, const json::Array& waits) {
  for (const json::Value& one : waits) show_waiting(call, one);
}

json::Value inner_of(const json::Array& waits) {
  json::Array out;
  for (const json::Value& one : waits) out.push_back(*waiting_in(one));
  return out;
}

Result<void> add(Call& call) {
  const std::string& file = call.text("FILE");
  const Blob text = TRY(call.world.files.read(file, trust::appraisal::kReferenceSetBytesMax));
  // Read here too, so that what is wrong with the file is told before anything is sent.
  const auto set = trust::appraisal::parse_reference_set(text);
  if (!set) return fail_within(printable(file), set.error());
  json::Value row = TRY(call.session.post(call.path("reference-values"), trust::appraisal::to_json(*set)));
  const json::Array waits = TRY(allow_all(call, in_words(row.find("id"))));
  if (!waits.empty() && call.format == Format::Json) row.set("waits", inner_of(waits));
  show_record(call.world, call.format, row);
  if (call.format == Format::Table) show_all_waiting(call, waits);
  return {};
}

Result<void> list(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, call.path("reference-values"), {"--component", "--source"})),
            kColumns);
  return {};
}

Result<void> allow(Call& call) {
  const json::Array waits = TRY(allow_all(call, call.text("ID")));
  if (waits.empty()) {
    show_done(call.world, call.format, "Devices there may boot it from now on.");
  } else if (call.format == Format::Json) {
    show_record(call.world, call.format, json::Object{{"waits", inner_of(waits)}});
  } else {
    show_all_waiting(call, waits);
  }
  return {};
}

Result<void> disallow(Call& call) {
  for (const std::string& target : call.arguments.texts("--from")) {
    TRY(call.session.erase(allowed_path(call, call.text("ID"), target)));
  }
  show_done(call.world, call.format, "Devices there that boot it are not healthy from their next attestation on.");
  return {};
}

Option targets(Literal name, bool required) {
  return {.name = name,
          .value = "PRODUCT[/GROUP]",
          .help = "a product, or one of its device groups",
          .required = required,
          .repeated = true};
}

}  // namespace

std::vector<Command> reference_values(World& world) {
  const Option id{.name = "ID", .value = "ID", .help = "as reference-values list says", .required = true};
  return {
      group("reference-values", "the boot events that each version of a component leaves"),
      in_catalog(world,
                 {.path = "reference-values add",
                  .summary = "add the events of one version of one component, and allow it to device groups",
                  .options = {{.name = "FILE", .value = "FILE", .help = "a reference set in JSON", .required = true},
                              targets("--allow", false)},
                  .examples = "  holdfast reference-values add os-1.0.0.reference.json --allow gateway/field",
                  .run = {}},
                 add),
      in_catalog(world,
                 {.path = "reference-values list",
                  .summary = "list the reference sets and who is allowed them",
                  .options = {{.name = "--component", .value = "NAME", .help = "only those of a component"},
                              {.name = "--source", .value = "SOURCE", .help = "only image or baseline"},
                              limit_option()},
                  .examples = "  holdfast reference-values list",
                  .run = {}},
                 list),
      in_catalog(world,
                 {.path = "reference-values allow",
                  .summary = "allow a set to a product or a device group",
                  .options = {id, targets("--allow", true)},
                  .examples = "  holdfast reference-values allow 3f2a… --allow gateway",
                  .run = {}},
                 allow),
      in_catalog(world,
                 {.path = "reference-values disallow",
                  .summary = "take a set back from a product or a device group",
                  .options = {id, targets("--from", true)},
                  .examples = "  holdfast reference-values disallow 3f2a… --from gateway/field",
                  .run = {}},
                 disallow)};
}

}  // namespace holdfast::cli::commands
