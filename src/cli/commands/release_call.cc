#include "cli/commands/release_call.h"

#include "base/text.h"

namespace holdfast::cli::commands {

const Option& owner_option() {
  static const Option kOption{.name = "--dir", .value = "DIR", .help = "the owner's folder", .required = true};
  return kOption;
}

const Option& repository_option() {
  static const Option kOption{
      .name = "--repository", .value = "DIR", .help = "the folder of the image repository", .required = true};
  return kOption;
}

const Option& life_option() {
  static const Option kOption{
      .name = "--life", .value = "TIME", .help = "how long what is published is valid", .otherwise = "365d"};
  return kOption;
}

const Option& role_option() {
  static const Option kOption{.name = "--role",
                              .value = "NAME",
                              .help = "a maker signs as the role that the owner gave it",
                              .otherwise = "targets"};
  return kOption;
}

Result<Desk> desk_of(World& world, const Arguments& arguments, bool changes) {
  const Format format = TRY(format_of(arguments));
  auto owner = TRY(owner::Folder::open(world.files, arguments.text("--dir")));
  auto repository = TRY(release::Repository::open(world.files, owner, arguments.text("--repository")));
  std::string role = arguments.text("--role");
  if (role.empty()) role = release::kTopRole;
  const Duration life = TRY(duration_of(arguments, "--life"));
  auto keys = TRY(owner::keys_in(world, owner.path()));
  if (changes) TRY(repository.resume(world.files, owner, keys, role));
  return Desk{format, std::move(owner), std::move(keys), std::move(repository), std::move(role), life};
}

Result<void> publish(World& world, Desk& desk, const std::string& done) {
  const auto outcome =
      TRY(release::publish(world, desk.owner, std::move(desk.keys), desk.repository, desk.role, desk.life));
  std::string what;
  switch (outcome.progress) {
    case release::Progress::Published:
      what = cat(" is published, valid until ", to_rfc3339(desk.repository.published().expires()), ".");
      break;
    case release::Progress::Waits: what = cat(" waits for signatures.\n", outcome.next); break;
    case release::Progress::Made: what = cat(" waits for the owner.\n", outcome.next); break;
  }
  show_done(world, desk.format, cat(done, what));
  return {};
}

Result<trust::tuf::RoleName> role_name_of(const std::string& word) {
  for (std::size_t i = 0; i < trust::tuf::kRoleCount; ++i) {
    const auto role = static_cast<trust::tuf::RoleName>(i);
    if (trust::tuf::name_of(role) == word) return role;
  }
  return fail(Next::Rejected, kUsageWrong,
              cat("expected root, targets, snapshot or timestamp, saw '", printable(word, 40), "'"));
}

}  // namespace holdfast::cli::commands
