// What the commands of `holdfast release` have in common: the repository that is meant, whose folder, as which role.
#pragma once

#include "cli/commands/call.h"
#include "cli/release/publication.h"

namespace holdfast::cli::commands {

const Option& owner_option();
const Option& repository_option();
const Option& life_option();
const Option& role_option();

/// Everything that a change of a repository is made with.
struct Desk {
  Format format{};
  owner::Folder owner;
  owner::Signers keys;
  release::Repository repository;
  std::string role;  ///< empty: what has changed is signed, nothing else
  Duration life{};
};
/// `changes`: on top of the draft of the role that lies in the folder.
Result<Desk> desk_of(World& world, const Arguments& arguments, bool changes);
/// Signs and publishes, and says `done` and what came of it.
Result<void> publish(World& world, Desk& desk, const std::string& done);

Result<trust::tuf::RoleName> role_name_of(const std::string& word);

/// What lists and records show of a version.
json::Value record_of(const release::Listed& listed);

std::vector<Command> release_images(World& world);
std::vector<Command> release_keys(World& world);
std::vector<Command> release_makers(World& world);
std::vector<Command> release_seal(World& world);

}  // namespace holdfast::cli::commands
