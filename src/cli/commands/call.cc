#include "cli/commands/call.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::cli::commands {
namespace {

constexpr Literal kCatalogOption = "--catalog";
constexpr std::string_view kServiceOption = "--service";  ///< about the service itself instead of a catalog

Result<std::string> catalog_of(const Arguments& arguments, Session& session) {
  if (arguments.has(kCatalogOption)) return arguments.text(kCatalogOption);
  if (!session.config().catalog.empty() || arguments.has(kServiceOption)) return session.config().catalog;
  return fail(Next::Rejected, kUsageWrong, "expected --catalog NAME, saw none, here or in the configuration");
}

Result<void> run_in_service(World& world, const Arguments& arguments, bool names_catalog, InService run) {
  const Format format = TRY(format_of(arguments));
  Session session = TRY(Session::open(world, arguments));
  std::string catalog;
  if (names_catalog) catalog = TRY(catalog_of(arguments, session));
  Call call{world, arguments, format, session, std::move(catalog)};
  return run(call);
}

}  // namespace

Command in_service(World& world, Command command, InService run) {
  command.options.push_back(config_option());
  command.options.push_back(output_option());
  command.run = [&world, run](const Arguments& arguments) { return run_in_service(world, arguments, false, run); };
  return command;
}

Command in_catalog(World& world, Command command, InService run) {
  command.options.push_back({.name = kCatalogOption,
                             .value = "NAME",
                             .help = "which catalog [the one that catalog create or catalog use left]"});
  command = in_service(world, std::move(command), run);
  command.run = [&world, run](const Arguments& arguments) { return run_in_service(world, arguments, true, run); };
  return command;
}

Command offline(World& world, Command command, Offline run) {
  command.run = [&world, run](const Arguments& arguments) { return run(world, arguments); };
  return command;
}

const Option& limit_option() {
  static const Option kOption{.name = "--limit", .value = "N", .help = "at most so many [all]"};
  return kOption;
}

Result<json::Array> items_of(const Call& call, std::string path, std::initializer_list<std::string_view> filters) {
  for (const std::string_view filter : filters) {
    std::string name(filter.substr(2));
    std::ranges::replace(name, '-', '_');
    path = with_query(std::move(path), {{name, call.text(filter)}});
  }
  Session::Listing listing;
  if (call.arguments.has("--limit")) {
    listing.limit = static_cast<std::size_t>(TRY(integer_of(call.arguments, "--limit", 1, kItemsMax)));
  }
  return call.session.list(path, std::move(listing));
}

Command group(std::string path, std::string summary) {
  return {.path = std::move(path), .summary = std::move(summary), .options = {}, .examples = {}, .run = {}};
}

Result<Blob> read_file(World& world, const std::string& file, std::size_t bytes_max) {
  return world.files.read(file, bytes_max);
}

}  // namespace holdfast::cli::commands
