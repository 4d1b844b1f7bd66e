#include "programs/swarm/owner.h"

#include <chrono>
#include <thread>

#include "base/json/value.h"
#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::programs::swarm {
namespace {

constexpr Reason kTicketRefused{"ticket-refused"};
constexpr int kTriesMax = 200;
constexpr std::chrono::milliseconds kPause(50);

}  // namespace

Result<std::unique_ptr<Owner>> Owner::open(const std::filesystem::path& config, ports::Clock& clock) {
  const Secret file = TRY(linux::system::read_secret_file(config, cli::kConfigBytesMax));
  auto parsed = TRY(cli::parse_config(file.expose()));
  return std::unique_ptr<Owner>(new Owner(std::move(parsed), clock));
}

Result<Secret> Owner::ticket(const Place& place) {
  const std::string body = json::dump(json::Object{{"product", place.product}, {"device_group", place.device_group}});
  linux::net::Call call{.service = config_.url,
                        .peer = linux::tls::PeerUnderDigest{config_.service_ca_sha256},
                        .method = "POST",
                        .path = cat("/v1/catalogs/", place.catalog, "/claims")};
  call.body = as_bytes(body);
  call.headers.emplace_back("Authorization", cat("Bearer ", as_text(config_.token.expose())));
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto answer = TRY(client_.exchange(call));
    if (answer.status == 201) return Secret(Bytes(answer.body));
    if (answer.status != 429 && answer.status != 503) {
      return fail(
          Next::Denied, kTicketRefused,
          cat("expected a claim ticket, saw status ", answer.status, ": ", printable(as_text(answer.body), 300)));
    }
    std::this_thread::sleep_for(kPause);
  }
  return fail(Next::Exhausted, kTicketRefused, "expected a claim ticket, saw the service too busy");
}

}  // namespace holdfast::programs::swarm
