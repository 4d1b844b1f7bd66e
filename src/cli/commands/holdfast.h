// The program `holdfast` as a table of commands, in the nouns of the field: owner, catalog, authority, product, device
// group, device, claim, reference values, policy, approval, certificate, TPM root, operator, audit, release, director,
// deployment, rollout, freeze. Each group is a file of its own.
#pragma once

#include "cli/arguments/command.h"
#include "cli/world/world.h"

namespace holdfast::cli::commands {

/// `world` must outlive it.
Program holdfast(World& world);

std::vector<Command> login(World& world);
std::vector<Command> owner(World& world);
std::vector<Command> trust_policy(World& world);
std::vector<Command> catalog(World& world);
std::vector<Command> moving(World& world);
std::vector<Command> authority(World& world);
std::vector<Command> tpm_root(World& world);
std::vector<Command> product(World& world);
std::vector<Command> claim(World& world);
std::vector<Command> device(World& world);
std::vector<Command> certificate(World& world);
std::vector<Command> est(World& world);
std::vector<Command> thing(World& world);
std::vector<Command> reference_values(World& world);
std::vector<Command> policy(World& world);
std::vector<Command> baseline(World& world);
std::vector<Command> approval(World& world);
std::vector<Command> person(World& world);
std::vector<Command> webhook(World& world);
std::vector<Command> audit(World& world);
std::vector<Command> watch(World& world);
std::vector<Command> verify_chain(World& world);
std::vector<Command> event_log(World& world);
std::vector<Command> release(World& world);
std::vector<Command> director(World& world);
std::vector<Command> rollout(World& world);
std::vector<Command> freeze(World& world);

}  // namespace holdfast::cli::commands
