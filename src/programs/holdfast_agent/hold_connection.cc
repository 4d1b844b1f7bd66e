#include <cstdio>
#include <string>

#include "base/text.h"
#include "device/check_in/check_in.h"
#include "device/record/records.h"
#include "linux/boot/boot_files.h"
#include "linux/net/client.h"
#include "linux/system/clock.h"
#include "linux/tpm/tpm_vault.h"
#include "programs/holdfast_agent/record_reader.h"
#include "programs/holdfast_agent/run.h"
#include "wire/problem.h"

namespace holdfast::programs {
namespace {

namespace check_in = device::check_in;
using device::record::Attested;
using device::record::AuditSeen;
using device::record::Owner;
using device::record::Records;
using device::record::TlsKeys;

Result<check_in::Device> device_of(const Records& records) {
  const auto& attested = records.get<Attested>();
  if (!records.get<Owner>() || !records.get<TlsKeys>() || !attested || !attested->is_client()) {
    return fail(Next::NotFound, kAgentNotDone, "expected a device with a client certificate, saw none");
  }
  return check_in::Device{*records.get<Owner>(), *records.get<TlsKeys>(), *attested, records.get<AuditSeen>()};
}

void print(const linux::net::Answer& answer) {
  const auto problem = wire::Problem::decode(answer.body);
  std::string line = cat("status ", answer.status);
  if (answer.status != 200 && problem) line += cat(' ', printable(problem->reason), ": ", printable(problem->detail));
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

/// Waits for the end of a line; false at the end of the input.
bool skip_line() {
  int c = 0;
  while ((c = std::getchar()) != EOF && c != '\n') {
  }
  return c == '\n';
}

}  // namespace

Result<void> hold_connection(const AgentOptions& options) {
  linux::system::SystemClock clock;
  linux::tpm::TpmVault vault(options.tcti);
  linux::boot::BootFiles boot(options.boot);
  RecordReader reader(options.state);
  Records records(reader);
  TRY(records.load());
  const auto device = TRY(device_of(records));
  const Blob body = check_in::request_of(device, TRY(boot.facts())).encode();
  const auto identity = check_in::identity_of(device);

  linux::net::Client client(clock, {.idle = hours(1)});
  linux::net::Call call{.service = device.owner.services.front(),
                        .peer = linux::tls::PeerUnder{device.owner.service_ca},
                        .method = "POST",
                        .path = "/v1/check-in"};
  call.body = body;
  call.identity = {identity.certificate, [&](Bytes digest) { return vault.sign(identity.key, digest); }};
  bool is_first = true;
  do {
    const auto answer = TRY(client.exchange(call));
    vault.release();
    if (!is_first && !answer.on_kept_connection) {
      return fail(Next::Conflict, kAgentNotDone, "expected an answer on the connection held, saw it closed");
    }
    is_first = false;
    print(answer);
  } while (skip_line());
  return {};
}

}  // namespace holdfast::programs
