#include "base/text.h"
#include "cli/commands/release_call.h"
#include "cli/owner/signers.h"
#include "cli/release/makers.h"

namespace holdfast::cli::commands {
namespace {

constexpr std::int64_t kKeysMax = 16;

const Option kMaker{.name = "NAME", .value = "NAME", .help = "of the maker's role", .required = true};

Result<void> delegate(World& world, const Arguments& arguments) {
  Desk desk = TRY(desk_of(world, arguments, true));
  release::MakerKeys maker;
  maker.role = arguments.text("NAME");
  maker.components = arguments.texts("--component");
  for (const std::string& file : arguments.texts("--key")) {
    maker.keys.push_back(TRY(cli::owner::read_public_key(world.files, file)));
  }
  maker.threshold = TRY(integer_of(arguments, "--threshold", 1, kKeysMax));
  TRY(release::delegate(desk.repository, maker));
  return publish(world, desk, cat("The delegation of ", join(maker.components, ", "), " to ", maker.role));
}

Result<void> undelegate(World& world, const Arguments& arguments) {
  Desk desk = TRY(desk_of(world, arguments, true));
  const std::string& role = arguments.text("NAME");
  TRY(release::undelegate(desk.repository, role));
  return publish(world, desk, cat("The end of the delegation to ", printable(role)));
}

Result<void> import(World& world, const Arguments& arguments) {
  Desk desk = TRY(desk_of(world, arguments, false));
  const std::string& role = arguments.text("NAME");
  const std::size_t versions =
      TRY(release::import_role(world, desk.owner, desk.repository, role, arguments.text("--from")));
  desk.role.clear();
  return publish(world, desk, cat("What ", role, " says (", versions, versions == 1 ? " version)" : " versions)"));
}

}  // namespace

std::vector<Command> release_makers(World& world) {
  return {
      offline(world,
              {.path = "release delegate",
               .summary = "let a maker's keys speak for components, and for nothing else; again: in place of before",
               .options = {kMaker,
                           repository_option(),
                           owner_option(),
                           {.name = "--component",
                            .value = "NAME",
                            .help = "that the maker may release and withdraw",
                            .required = true,
                            .repeated = true},
                           {.name = "--key",
                            .value = "FILE",
                            .help = "a public key of the maker",
                            .required = true,
                            .repeated = true},
                           {.name = "--threshold", .value = "M", .help = "how many must sign", .otherwise = "1"},
                           life_option(),
                           output_option()},
               .examples = "  holdfast release delegate acme --component os --key acme/targets-key-1.pub \\\n"
                           "    --repository images --dir owner",
               .run = {}},
              delegate),
      offline(world,
              {.path = "release undelegate",
               .summary = "take back what a maker's keys may say",
               .options = {kMaker, repository_option(), owner_option(), life_option(), output_option()},
               .examples = "  holdfast release undelegate acme --repository images --dir owner",
               .run = {}},
              undelegate),
      offline(world,
              {.path = "release import",
               .summary = "take a maker's newest releases into the repository, as far as they may speak",
               .options = {kMaker,
                           {.name = "--from",
                            .value = "DIR",
                            .help = "the maker's repository, or the copy of this one that the maker signed",
                            .required = true},
                           repository_option(),
                           owner_option(),
                           life_option(),
                           output_option()},
               .examples = "  holdfast release import acme --from acme-images --repository images --dir owner",
               .run = {}},
              import)};
}

}  // namespace holdfast::cli::commands
