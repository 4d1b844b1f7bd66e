// holdfastd: the security service.
#include <csignal>
#include <cstdio>

#include "base/text.h"
#include "cli/arguments/command.h"
#include "cli/arguments/values.h"
#include "linux/system/clock.h"
#include "linux/system/process.h"
#include "programs/holdfastd/server.h"

namespace {

using namespace holdfast;

constexpr Duration kCheckInEveryMin = seconds(10);
constexpr Duration kCheckInEveryMax = hours(24);

Result<Duration> check_in_every(const cli::Arguments& arguments) {
  const Duration out = TRY(cli::duration_of(arguments, "--check-in-every"));
  if (out >= kCheckInEveryMin && out <= kCheckInEveryMax) return out;
  return fail(Next::Rejected, cli::kUsageWrong,
              cat("expected --check-in-every from ", to_text(kCheckInEveryMin), " to ", to_text(kCheckInEveryMax),
                  ", saw ", to_text(out)));
}

Result<void> serve(const cli::Arguments& arguments) {
  TRY(linux::system::keep_memory_private());
  // Blocked in every thread before any starts, so that the wait below is the only one who hears them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  programs::ServerOptions options;
  options.folder = arguments.text("--data");
  const auto optional = [&](const char* name) {
    return arguments.has(name) ? std::optional(std::string(arguments.text(name))) : std::nullopt;
  };
  options.database = optional("--database");
  options.service_key_file = optional("--service-key");
  options.keys = optional("--keys");
  options.token_pin_file = optional("--token-pin");
  options.device_url = optional("--device-url");
  options.management_url = optional("--management-url");
  options.owner_link_file = optional("--owner-link-file");
  options.images = optional("--images");
  options.device_address = arguments.text("--device-address");
  options.management_address = arguments.text("--management-address");
  options.est_address = optional("--est-address");
  options.log_format = TRY(programs::parse_log_format(arguments.text("--log-format")));
  options.log_requests = arguments.has("--log-requests");
  options.check_in_every = TRY(check_in_every(arguments));
  options.names = arguments.texts("--name");
  options.webhook_allow = arguments.texts("--webhook-allow");
  options.proxies = arguments.texts("--proxy-from");
  linux::system::SystemClock clock;
  const auto server = TRY(programs::RunningServer::start(options, clock));
  std::fprintf(stderr, "holdfastd: ready\n");
  int received = 0;
  sigwait(&signals, &received);
  std::fprintf(stderr, "holdfastd: stopping\n");
  server->stop();
  if (const auto broken = server->broken()) return std::unexpected(*broken);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const cli::Program program{
      "holdfastd",
      "The security service of Holdfast. Without options it starts on an embedded database in ./holdfast-data.",
      cli::kExitCodes,
      {{"",
        "",
        {{"--data", "DIR", "folder of the database and the service key", false, false, "holdfast-data"},
         {"--database", "URL",
          "postgres://user@host/name, shared by any number of processes, instead of a file in the "
          "folder; @FILE reads the URL from a file of 0600"},
         {"--service-key", "FILE",
          "the key that seals all keys in the database, the same for all its processes; else "
          "systemd's credential service.key, else a file in the folder"},
         {"--keys", "URI",
          "pkcs11:… (RFC 7512): the token in which the keys of issuing CAs are made; else they are sealed in the "
          "database"},
         {"--token-pin", "FILE",
          "the token's PIN, where the URI has no pin-source; else systemd's credential token.pin"},
         {"--device-address", "HOST:PORT", "where devices connect; port 0 takes any", false, false, "127.0.0.1:8443"},
         {"--management-address", "HOST:PORT", "where operators connect", false, false, "127.0.0.1:8444"},
         {"--est-address", "HOST:PORT", "where EST (RFC 7030) is spoken, with TLS 1.2 too; without it, nowhere"},
         {"--name", "NAME", "DNS name or address by which the service is reached; the first is in every URL", false,
          true, "127.0.0.1"},
         {"--device-url", "URL", "https://host:port by which devices reach it where that is another address"},
         {"--management-url", "URL", "the same for operators"},
         {"--proxy-from", "CIDR", "proxies in front, which must say with PROXY protocol v2 for whom they speak", false,
          true},
         {"--owner-link-file", "FILE", "write the one-time owner link there instead of the terminal"},
         {"--images", "DIR",
          "the folder of images for devices, the same for all processes of a database; else images in the data folder"},
         {"--check-in-every", "TIME", "how often devices check in, from 10s to 24h", false, false, "5min"},
         {"--log-format", "FORMAT", "text, or json: an object per line", false, false, "text"},
         {"--log-requests", "", "a line for each request, with its trace, caller, status and time"},
         {"--webhook-allow", "CIDR", "addresses that webhooks may reach though they are not public", false, true}},
        "  holdfastd\n  holdfastd --data /var/lib/holdfast --device-address 0.0.0.0:8443 --name devices.example.com\n"
        "  holdfastd --database postgres://holdfast@db.example.com/holdfast --service-key /etc/holdfast/service.key",
        serve}}};
  return cli::run_program(program, argc, argv);
}
