#include <algorithm>

#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "trust/x509/chain.h"
#include "trust/x509/profile.h"

namespace holdfast::cli::commands {
namespace {

namespace x509 = trust::x509;

constexpr std::int64_t kTimeMaxS = x509::kTimeMax.ms / 1000;

/// The texts of several files as one.
Result<std::string> texts_of(World& world, const std::vector<std::string>& files) {
  std::string out;
  for (const std::string& file : files) {
    out += as_text(TRY(world.files.read(file, x509::kPemBytesMax)));
    out += '\n';
  }
  return out;
}

Result<x509::Purpose> purpose_of(const std::string& word) {
  if (word == "client") return x509::Purpose::Client;
  if (word == "server") return x509::Purpose::Server;
  return fail(Next::Rejected, kUsageWrong, cat("expected --purpose client or server, saw '", printable(word, 40), "'"));
}

Result<x509::ChainQuestion> question_of(World& world, const Arguments& arguments) {
  x509::ChainQuestion out;
  out.leaf = as_text(TRY(world.files.read(arguments.text("LEAF"), x509::kPemBytesMax)));
  out.trusted = TRY(texts_of(world, arguments.texts("--trusted")));
  out.untrusted = TRY(texts_of(world, arguments.texts("--untrusted")));
  for (const std::string& file : arguments.texts("--crl")) out.crls.push_back(TRY(texts_of(world, {file})));
  out.purpose = TRY(purpose_of(arguments.text("--purpose")));
  out.time = world.clock.wall_time();
  if (arguments.has("--time")) out.time = WallTime::from_seconds(TRY(integer_of(arguments, "--time", 0, kTimeMaxS)));
  if (arguments.has("--host") && arguments.has("--ip")) {
    return fail(Next::Rejected, kUsageWrong, "expected --host or --ip, saw both");
  }
  if (arguments.has("--host")) out.host = arguments.text("--host");
  if (arguments.has("--ip")) out.address = arguments.text("--ip");
  if (arguments.has("--depth")) {
    // More than what is ever followed allows no more than that.
    out.depth = static_cast<int>(
        std::min<std::int64_t>(TRY(integer_of(arguments, "--depth", 0, INT32_MAX)), x509::kChainDepthMax));
  }
  return out;
}

Result<void> verify(World& world, const Arguments& arguments) {
  const auto path = TRY(x509::verify_chain(TRY(question_of(world, arguments))));
  for (const x509::Certificate& certificate : path) world.print(cat(certificate.subject_text(), "\n"));
  return {};
}

}  // namespace

std::vector<Command> verify_chain(World& world) {
  Command command = offline(
      world,
      {.path = "verify-chain",
       .summary = "check a certificate as Holdfast does, and print its path; exit 0: accepted, 1: refused",
       .options = {{.name = "LEAF", .value = "LEAF", .help = "the certificate, PEM", .required = true},
                   {.name = "--trusted", .value = "FILE", .help = "roots, PEM", .required = true, .repeated = true},
                   {.name = "--untrusted",
                    .value = "FILE",
                    .help = "certificates to build the path from, PEM",
                    .repeated = true},
                   {.name = "--crl", .value = "FILE", .help = "revocation lists, PEM", .repeated = true},
                   {.name = "--time", .value = "EPOCH", .help = "judge at this second since 1970 [now]"},
                   {.name = "--purpose", .value = "USE", .help = "client or server", .otherwise = "server"},
                   {.name = "--host", .value = "NAME", .help = "the DNS name that it must be for"},
                   {.name = "--ip", .value = "ADDRESS", .help = "the address that it must be for"},
                   {.name = "--depth", .value = "N", .help = "at most so many intermediates"}},
       .examples = "  holdfast verify-chain --trusted roots.pem --untrusted issuing.pem --purpose client "
                   "device.pem",
       .run = {}},
      verify);
  command.exit_when_failed = 1;
  return {std::move(command)};
}

}  // namespace holdfast::cli::commands
