#include "cli/commands/holdfast.h"

namespace holdfast::cli::commands {

Program holdfast(World& world) {
  Program program{.name = "holdfast",
                  .summary = "Owns devices with Holdfast: catalogs, claims, attestation, certificates, audit.",
                  .footer = kExitCodes,
                  .commands = {}};
  for (const auto part :
       {login,   owner,       trust_policy, catalog,      authority,        moving,  tpm_root, product,  claim,
        device,  certificate, est,          thing,        reference_values, policy,  baseline, approval, person,
        webhook, audit,       watch,        verify_chain, event_log,        release, director, rollout,  freeze}) {
    for (Command& command : part(world)) program.commands.push_back(std::move(command));
  }
  return program;
}

}  // namespace holdfast::cli::commands
