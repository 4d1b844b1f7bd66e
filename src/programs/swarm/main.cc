// holdfast-swarm: thousands of devices in software in one process, for measuring a real service.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "cli/arguments/command.h"
#include "cli/arguments/values.h"
#include "linux/system/clock.h"
#include "linux/system/files.h"
#include "linux/system/process.h"
#include "linux/system/random.h"
#include "programs/swarm/campaign.h"
#include "trust/x509/pem.h"

namespace {

using namespace holdfast;
using namespace holdfast::programs;
using cli::Arguments;

constexpr std::size_t kKeyBytesMax = 4096;

std::filesystem::path key_file(const Arguments& arguments) {
  return std::filesystem::path(arguments.text("--maker")) / "maker.key";
}

Result<void> make_maker(const Arguments& arguments) {
  linux::system::SystemRandom random;
  linux::system::SystemClock clock;
  TRY(linux::system::make_private_directory(arguments.text("--maker")));
  const Secret entropy = ports::random_secret(random, 48);
  auto key = TRY(trust::crypto::PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, entropy.expose()));
  TRY(linux::system::create_file(key_file(arguments), key.to_pkcs8().expose(), linux::system::FileMode::Private));
  const auto maker = TRY(sim::vault::TpmMaker::make(std::move(key), clock.wall_time()));
  const auto root = std::filesystem::path(arguments.text("--maker")) / "maker-root.pem";
  TRY(linux::system::write_file(root, as_bytes(trust::x509::to_pem("CERTIFICATE", maker.root())),
                                linux::system::FileMode::Public));
  std::printf("%s\n", root.c_str());
  return {};
}

Result<sim::vault::TpmMaker> read_maker(const Arguments& arguments, ports::Clock& clock) {
  const Secret key = TRY(linux::system::read_secret_file(key_file(arguments), kKeyBytesMax));
  auto parsed = TRY(trust::crypto::PrivateKey::from_pkcs8(key.expose()));
  return sim::vault::TpmMaker::make(std::move(parsed), clock.wall_time());
}

Result<void> print_references(const Arguments&) {
  std::printf("%s\n", json::dump_pretty(trust::appraisal::to_json(swarm::shared_boot().references)).c_str());
  return {};
}

Result<std::string> config_file(const Arguments& arguments) {
  if (arguments.has("--config")) return arguments.text("--config");
  if (const char* named = std::getenv("HOLDFAST_CONFIG"); named != nullptr) return std::string(named);
  return fail(Next::Rejected, cli::kUsageWrong, "expected --config FILE or HOLDFAST_CONFIG, what holdfast login left");
}

Result<swarm::CampaignOptions> options_of(const Arguments& arguments) {
  swarm::CampaignOptions out;
  out.config = TRY(config_file(arguments));
  out.place = {arguments.text("--catalog"), arguments.text("--product"), arguments.text("--device-group")};
  out.devices = static_cast<std::size_t>(TRY(cli::integer_of(arguments, "--devices", 1, 1'000'000)));
  out.pattern = TRY(swarm::parse_pattern(arguments.text("--pattern")));
  out.arrive_over = TRY(cli::duration_of(arguments, "--arrive-over"));
  out.stay = TRY(cli::duration_of(arguments, "--stay"));
  out.give_up_after = TRY(cli::duration_of(arguments, "--give-up-after"));
  if (arguments.has("--p99-max")) out.p99_max = Duration(TRY(cli::integer_of(arguments, "--p99-max", 1, 60'000)));
  out.outage = arguments.has("--outage");
  out.threads = static_cast<unsigned>(TRY(cli::integer_of(arguments, "--threads", 1, 256)));
  if (!arguments.has("--service-pid")) return out;
  for (const std::string& text : arguments.texts("--service-pid")) {
    Arguments one;
    one.set("--service-pid", {text});
    out.service.push_back(static_cast<int>(TRY(cli::integer_of(one, "--service-pid", 1, INT32_MAX))));
  }
  return out;
}

Result<void> run(const Arguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  linux::system::SystemClock clock;
  linux::system::SystemRandom random;
  const auto maker = TRY(read_maker(arguments, clock));
  const auto say = [](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
  };
  return swarm::run_campaign(TRY(options_of(arguments)), maker, clock, random, say);
}

}  // namespace

int main(int argc, char** argv) {
  const cli::Option maker{"--maker", "DIR", "folder of a TPM maker in software", true};
  const cli::Program program{
      "holdfast-swarm",
      "Thousands of devices in software against a real service: the agent that ships, real P-256 keys, no TPM.",
      cli::kExitCodes,
      {{"maker",
        "make a TPM maker, whose root is to be added with holdfast tpm-root add",
        {maker},
        "  holdfast-swarm maker --maker swarm-maker",
        make_maker},
       {"reference-values",
        "print what the devices boot, for holdfast reference-values add",
        {},
        "  holdfast-swarm reference-values >swarm.json",
        print_references},
       {"run",
        "claim devices, let them arrive, stay and attest anew, and print what was measured",
        {maker,
         {"--config", "FILE", "what holdfast login left [HOLDFAST_CONFIG]"},
         {"--catalog", "NAME", "where the devices are claimed", true},
         {"--product", "NAME", "of the devices", true},
         {"--device-group", "NAME", "of the devices", true},
         {"--devices", "N", "how many", false, false, "100"},
         {"--pattern", "WORD", "steady, herd (all at once) or morning (a wave)", false, false, "steady"},
         {"--arrive-over", "TIME", "what the pattern is spread over", false, false, "60s"},
         {"--stay", "TIME", "how long they then check in, measured apart", false, false, "60s"},
         {"--p99-max", "MS", "what 99 in 100 of these check-ins may take, in milliseconds"},
         {"--outage", "", "at the end all boot anew at once, measured until all are healthy again"},
         {"--give-up-after", "TIME", "for all to become healthy", false, false, "30min"},
         {"--threads", "N", "at once under way", false, false, "16"},
         {"--service-pid", "PID", "a process of the service on this machine, whose CPU and memory are told", false,
          true}},
        "  holdfast-swarm run --maker swarm-maker --catalog acme --product gateway --device-group field \\\n"
        "    --devices 1000 --pattern herd --outage",
        run}}};
  return cli::run_program(program, argc, argv);
}
