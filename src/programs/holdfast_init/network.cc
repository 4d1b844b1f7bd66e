#include "programs/holdfast_init/network.h"

#include "base/text.h"
#include "linux/door/message.h"
#include "linux/init/network_files.h"
#include "linux/lease/lease.h"
#include "linux/system/files.h"
#include "programs/holdfast_init/console.h"

namespace holdfast::programs::init {
namespace {

constexpr std::size_t kAlwaysBytesMax = 4096;
const char* const kKept = "/state/init/network.json";

/// A file that a power cut, or a disk, made unreadable says nothing.
std::optional<ports::NetworkSettings> read_kept() {
  const auto text = linux::system::read_file(kKept, ports::kNetworkBytesMax);
  if (!text) return std::nullopt;
  auto settings = ports::parse_network(*text);
  if (!settings) say(printable(settings.error().message));
  return settings ? std::optional(*std::move(settings)) : std::nullopt;
}

Result<void> keep(const std::optional<ports::NetworkSettings>& settings) {
  if (settings) return linux::system::write_file(kKept, as_bytes(to_json(*settings)), linux::system::FileMode::Private);
  const auto removed = linux::system::remove_file(kKept);
  return removed || removed.error().next == Next::NotFound ? Result<void>() : removed;
}

Result<std::optional<ports::NetworkSettings>> read(Bytes settings) {
  if (settings.empty()) return std::nullopt;
  auto out = ports::parse_network(settings);
  if (!out) return fail(Next::Rejected, linux::door::kDoorRefused, std::move(out).error().message);
  return std::optional(*std::move(out));
}

}  // namespace

Network::Network(ports::NetworkSettings factory) : factory_(std::move(factory)), owner_(read_kept()) {}

Result<bool> Network::follow(Bytes settings) {
  auto next = TRY(read(settings));
  if (next == owner_) return false;
  TRY(keep(next));
  std::swap(owner_, next);
  const auto applied = apply();
  if (!applied) std::swap(owner_, next);  // or nobody would try again
  if (!applied) return std::unexpected(applied.error());
  return true;
}

Result<void> Network::apply() const {
  const Blob always = TRY(linux::system::read_file("/etc/dhcpcd.conf", kAlwaysBytesMax));
  return linux::init::write_network_files("/run/system", as_text(always), in_force());
}

std::vector<std::string> Network::time_servers() const {
  const auto& given = in_force().time_servers;
  return given.empty() ? linux::lease::time_servers("/run/network") : given;
}

}  // namespace holdfast::programs::init
