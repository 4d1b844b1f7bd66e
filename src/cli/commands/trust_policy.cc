#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/owner/trust_policies.h"
#include "trust/x509/certificate.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using cli::owner::Folder;

const Option kFolder{.name = "--dir", .value = "DIR", .help = "the owner's folder", .required = true};

Result<tuf::OfflineBehaviour> offline_of(const Call& call) {
  const std::string& word = call.text("--offline");
  if (word == name_of(tuf::OfflineAction::KeepRunning)) return tuf::OfflineBehaviour{};
  if (word == name_of(tuf::OfflineAction::StopApplications)) {
    const Duration after = TRY(duration_of(call.arguments, "--offline-after"));
    return tuf::OfflineBehaviour{tuf::OfflineAction::StopApplications, after};
  }
  return fail(Next::Rejected, kUsageWrong,
              cat("expected --offline keep-running or stop-applications, saw '", printable(word, 40), "'"));
}

json::Value record_of(const tuf::TrustPolicy& policy) {
  json::Array services;
  for (const std::string& url : policy.services) services.emplace_back(url);
  json::Array roots;
  for (const Blob& root : policy.tpm_roots) roots.emplace_back(to_hex(trust::crypto::sha256(root)));
  json::Object out{{"catalog", policy.catalog},
                   {"version", policy.version},
                   {"expires", to_rfc3339(policy.expires)},
                   {"services", std::move(services)},
                   {"service_ca_sha256", to_hex(trust::crypto::sha256(policy.service_ca))},
                   {"tpm_roots", std::move(roots)},
                   {"offline", name_of(policy.offline.action)},
                   {"owner_gone", name_of(policy.owner_gone)}};
  if (policy.offline.after > Duration(0)) out.emplace_back("offline_after", to_text(policy.offline.after));
  if (policy.offline_director) {
    const tuf::OfflineDirector& director = *policy.offline_director;
    json::Array keys;
    for (const tuf::KeyId& id : director.director.role.key_ids) keys.emplace_back(id);
    out.emplace_back("offline_director", std::move(keys));
    if (director.confirm_after > Duration(0))
      out.emplace_back("confirm_offline_after", to_text(director.confirm_after));
  }
  if (policy.time_floor) out.emplace_back("time_floor", to_rfc3339(policy.time_floor->time));
  return out;
}

Result<void> show(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--dir")));
  const auto policy = TRY(trust_policy_in_force(call.world, call.session, folder, call.catalog));
  if (!policy) {
    return fail(Next::NotFound, kServiceRefused, cat(printable(call.catalog), " has no trust policy yet"));
  }
  show_record(call.world, call.format, record_of(*policy));
  return {};
}

/// By the owner's word alone; a device takes it with the policy's number, once.
Result<std::optional<tuf::LoweredTimeFloor>> time_floor_of(const Call& call) {
  const bool is_for_one = call.arguments.has("--time-floor-device");
  if (!call.arguments.has("--lower-time-floor")) {
    if (!is_for_one) return std::optional<tuf::LoweredTimeFloor>();
    return fail(Next::Rejected, kUsageWrong, "expected --lower-time-floor with --time-floor-device, saw none");
  }
  tuf::LoweredTimeFloor out;
  out.time = TRY(parse_rfc3339(call.text("--lower-time-floor")));
  if (is_for_one) out.device = call.text("--time-floor-device");
  return std::optional(std::move(out));
}

Result<void> set(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--dir")));
  auto policy = TRY(next_trust_policy(call.world, call.session, folder, call.catalog));
  if (call.arguments.has("--service")) policy.services = call.arguments.texts("--service");
  if (call.arguments.has("--offline")) policy.offline = TRY(offline_of(call));
  if (call.arguments.has("--life")) {
    policy.expires = call.world.clock.wall_time() + TRY(duration_of(call.arguments, "--life"));
  }
  policy.time_floor = TRY(time_floor_of(call));
  show_done(call.world, call.format, TRY(issue(call.world, call.session, folder, policy)));
  return {};
}

}  // namespace

std::vector<Command> trust_policy(World& world) {
  return {
      group("owner trust-policy", "which services, CA and TPM roots a catalog's devices trust; signed by the owner"),
      in_catalog(world,
                 {.path = "owner trust-policy show",
                  .summary = "verify the trust policy in force by the owner's root and show it",
                  .options = {kFolder},
                  .examples = "  holdfast owner trust-policy show --catalog fleet --dir owner",
                  .run = {}},
                 show),
      in_catalog(world,
                 {.path = "owner trust-policy set",
                  .summary = "sign and publish the next trust policy; what is not named stays as it is",
                  .options = {kFolder,
                              {.name = "--service",
                               .value = "URL",
                               .help = "where devices connect, in the order to try",
                               .repeated = true},
                              {.name = "--offline",
                               .value = "ACTION",
                               .help = "keep-running or stop-applications, once a device has no client certificate"},
                              {.name = "--offline-after",
                               .value = "TIME",
                               .help = "how long without one, with stop-applications"},
                              {.name = "--lower-time-floor",
                               .value = "TIME",
                               .help = "devices take their time floor back to this, once: 2027-03-01T00:00:00Z"},
                              {.name = "--time-floor-device", .value = "NAME", .help = "this device alone"},
                              {.name = "--life", .value = "TIME", .help = "how long it is in force [1825d]"}},
                  .examples = "  holdfast owner trust-policy set --dir owner --service https://a.example:8443 "
                              "--service https://b.example:8443\n"
                              "  holdfast owner trust-policy set --dir owner --offline stop-applications "
                              "--offline-after 30d",
                  .run = {}},
                 set)};
}

}  // namespace holdfast::cli::commands
