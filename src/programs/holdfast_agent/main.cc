// holdfast-agent: the device's side of Holdfast.
#include <charconv>

#include "base/text.h"
#include "linux/system/process.h"
#include "programs/holdfast_agent/arguments.h"
#include "programs/holdfast_agent/run.h"

namespace {

using namespace holdfast;

constexpr int kExitWantsBoot = 10;
const char* const kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 try again later, 4 there is no such thing, 5 not allowed,\n"
    "6 in conflict with what is there, 10 the device is to boot now, for an update.";

/// 0 where it is not given.
Result<std::int64_t> number_of(const cli::Arguments& arguments, std::string_view name, std::string_view of_what) {
  const std::string& text = arguments.text(name);
  std::int64_t out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || (problem == std::errc() && end == text.data() + text.size() && out >= 0)) return out;
  return fail(Next::Rejected, cli::kUsageWrong,
              cat("expected ", name, " as ", of_what, ", saw '", printable(text, 40), "'"));
}

Result<void> run(const cli::Arguments& arguments, bool& wants_boot) {
  TRY(linux::system::keep_memory_private());
  programs::AgentOptions options;
  options.state = arguments.text("--state");
  if (arguments.has("--status")) return programs::print_status(options.state, arguments.has("--json"));
  options.tcti = arguments.text("--tcti");
  options.boot = arguments.text("--boot");
  if (arguments.has("--ticket")) options.ticket = arguments.text("--ticket");
  if (arguments.has("--good-boot")) options.good_boot = arguments.text("--good-boot");
  options.once = arguments.has("--once");
  if (arguments.has("--slots")) options.slots = arguments.text("--slots");
  if (arguments.has("--floors")) options.floors = arguments.text("--floors");
  if (arguments.has("--network")) options.network = arguments.text("--network");
  options.is_reset = arguments.has("--reset");
  options.hardware = arguments.text("--hardware");
  if (arguments.has("--applications")) options.applications = arguments.text("--applications");
  if (arguments.has("--update-window")) {
    options.updates.window = TRY(device::update::parse_window(arguments.text("--update-window")));
  }
  if (arguments.has("--updates-from")) options.updates_from = arguments.text("--updates-from");
  if (!options.updates_from.empty() && options.slots.empty() && !arguments.has("--system-door")) {
    return fail(Next::Rejected, cli::kUsageWrong, "expected --slots or --system-door with --updates-from, saw none");
  }
  options.updates.bytes_per_second = TRY(number_of(arguments, "--update-rate", "bytes a second"));
  if (arguments.has("--system-door")) {
    options.system_door = static_cast<int>(TRY(number_of(arguments, "--system-door", "a descriptor")));
  }
  if (arguments.has("--hold-connection")) return programs::hold_connection(options);
  wants_boot = TRY(programs::run_agent(options)) == programs::AgentEnd::WantsBoot;
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  bool wants_boot = false;
  const cli::Program program{
      "holdfast-agent",
      "Enrols this device with its owner's service, attests every boot, and keeps its certificates fresh.",
      kFooter,
      {{"",
        "",
        {{"--state", "DIR", "folder of the agent's own records", true},
         {"--tcti", "STRING", "how to reach the TPM", false, false, "device:/dev/tpmrm0"},
         {"--boot", "DIR", "folder with event_log and facts.json of this boot", false, false, "/run/holdfast/boot"},
         {"--ticket", "FILE", "a claim ticket, there now or later"},
         {"--good-boot", "FILE",
          "what tells the TPM a good boot, left by holdfast-init: client keys are for such alone"},
         {"--slots", "DIR", "folder of the places for updates; without it the device takes none"},
         {"--floors", "DIR", "folder that remembers the floors of the TPM, where not beside the places or the records"},
         {"--system-door", "FD", "descriptor on which holdfast-init answers for the places of the operating system"},
         {"--network", "FILE",
          "settings of the network as JSON, of which the proxy is the agent's business; SIGUSR1 reads it again"},
         {"--reset", "", "forget all settings first; what the device is, and whose, stays"},
         {"--applications", "DIR",
          "run the applications among them, each as a user of its own where the agent is root; their trees lie there"},
         {"--updates-from", "PATH",
          "a folder or bundle that is carried here, with or without a service; SIGHUP looks at once, else each minute"},
         {"--update-window", "HH:MM+TIME", "when updates may be fetched and tried, each day in UTC: 22:00+4h"},
         {"--update-rate", "BYTES", "how many of an update are fetched in a second at most"},
         {"--hardware", "NAME", "what releases call this hardware"},
         {"--once", "", "end once attested and checked in, or once somebody has to act first"},
         {"--status", "", "print what the records say, and end"},
         {"--json", "", "with --status: as JSON"},
         {"--hold-connection", "",
          "open one connection with the client certificate, check in on it, and again for "
          "every line of standard input"}},
        "  holdfast-agent --state /var/lib/holdfast-agent --ticket /run/ticket.json\n"
        "  holdfast-agent --state /var/lib/holdfast-agent --status --json",
        [&](const cli::Arguments& arguments) { return run(arguments, wants_boot); }}}};
  const int code = programs::run_one_command(program, {argv + 1, argv + argc});
  return code == 0 && wants_boot ? kExitWantsBoot : code;
}
