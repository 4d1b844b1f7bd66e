#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"

namespace holdfast::cli::commands {
namespace {

const Option kName{.name = "NAME", .value = "NAME", .help = "its name: a-z, 0-9, inner hyphens", .required = true};
const Option kDescription{.name = "--description", .value = "TEXT", .help = "a line for people"};

Result<void> create_product(Call& call) {
  json::Value order = json::Object{{"name", call.text("NAME")}};
  if (call.arguments.has("--description")) order.set("description", call.text("--description"));
  show_record(call.world, call.format, TRY(call.session.post(call.path("products"), order)));
  return {};
}

Result<void> list_products(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, call.path("products"))),
            {{"NAME", "name"}, {"DESCRIPTION", "description"}, {"CREATED", "created_at"}});
  return {};
}

Result<void> create_device_group(Call& call) {
  json::Value order = json::Object{{"product", call.text("--product")}, {"name", call.text("NAME")}};
  if (call.arguments.has("--policy")) order.set("policy", call.text("--policy"));
  if (call.arguments.has("--description")) order.set("description", call.text("--description"));
  show_record(call.world, call.format, TRY(call.session.post(call.path("device-groups"), order)));
  return {};
}

Result<void> list_device_groups(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, call.path("device-groups"), {"--product", "--policy"})),
            {{"PRODUCT", "product"},
             {"NAME", "name"},
             {"POLICY", "policy"},
             {"DESCRIPTION", "description"},
             {"CREATED", "created_at"}});
  return {};
}

}  // namespace

std::vector<Command> product(World& world) {
  return {
      group("product", "a kind of device"),
      in_catalog(world,
                 {.path = "product create",
                  .summary = "make a product",
                  .options = {kName, kDescription},
                  .examples = "  holdfast product create gateway --description 'the small grey one'",
                  .run = {}},
                 create_product),
      in_catalog(world,
                 {.path = "product list",
                  .summary = "list the products of a catalog",
                  .options = {limit_option()},
                  .examples = "  holdfast product list",
                  .run = {}},
                 list_products),
      group("device-group", "devices of a product that get the same deployments and are judged by one policy"),
      in_catalog(world,
                 {.path = "device-group create",
                  .summary = "make a device group of a product",
                  .options = {kName,
                              {.name = "--product", .value = "PRODUCT", .help = "of which product", .required = true},
                              {.name = "--policy", .value = "NAME", .help = "its attestation policy [default]"},
                              kDescription},
                  .examples = "  holdfast device-group create field --product gateway",
                  .run = {}},
                 create_device_group),
      in_catalog(world,
                 {.path = "device-group list",
                  .summary = "list the device groups of a catalog",
                  .options = {{.name = "--product", .value = "PRODUCT", .help = "only those of a product"},
                              {.name = "--policy", .value = "NAME", .help = "only those that this policy judges"},
                              limit_option()},
                  .examples = "  holdfast device-group list --output json",
                  .run = {}},
                 list_device_groups)};
}

}  // namespace holdfast::cli::commands
