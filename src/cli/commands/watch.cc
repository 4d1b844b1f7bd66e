#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"

namespace holdfast::cli::commands {
namespace {

constexpr Duration kLookEvery = seconds(2);
constexpr const char* kPage = "200";

std::string text_of(const json::Value& item, std::string_view member) {
  const json::Value* found = item.find(member);
  if (found == nullptr) return {};
  return found->text() != nullptr ? *found->text() : json::dump(*found);
}

void show(Call& call, const json::Value& item) {
  if (call.format == Format::Json) return call.world.print(json::dump(item) + "\n");
  const std::string detail = text_of(item, "detail");
  call.world.print(cat(text_of(item, "at"), "  ", text_of(item, "action"), "  ", text_of(item, "subject"), "  by ",
                       text_of(item, "actor"), detail == "{}" ? "" : "  " + printable(detail, 200), "\n"));
}

Result<std::string> newest_sequence(Call& call, const std::string& path) {
  if (call.arguments.has("--after")) return call.text("--after");
  const json::Value head = TRY(call.session.get(path + "/head"));
  return text_of(head, "sequence");
}

Result<void> watch(Call& call) {
  const bool of_service = call.arguments.has("--service");
  const std::string path = path_of({"catalogs", of_service ? std::string_view("_service") : call.catalog, "audit"});
  std::string after = TRY(newest_sequence(call, path));
  do {
    const json::Value page = TRY(call.session.get(with_query(path, {{"after", after}, {"limit", kPage}})));
    const json::Value* items = page.find("items");
    if (items == nullptr || items->array() == nullptr) continue;
    for (const json::Value& item : *items->array()) {
      show(call, item);
      after = text_of(item, "sequence");
    }
  } while (call.world.pause(kLookEvery));
  return {};
}

}  // namespace

std::vector<Command> watch(World& world) {
  return {
      in_catalog(world,
                 {.path = "watch",
                  .summary = "show what happens in a catalog as it happens, until Ctrl-C",
                  .options = {{.name = "--service", .value = "", .help = "what happens to the service itself"},
                              {.name = "--after", .value = "N", .help = "begin behind audit record N [the newest]"}},
                  .examples = "  holdfast watch --catalog fleet\n  holdfast watch --output json --after 0",
                  .run = {}},
                 watch)};
}

}  // namespace holdfast::cli::commands
