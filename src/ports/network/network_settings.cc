#include "ports/network/network_settings.h"

#include <algorithm>
#include <charconv>

#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::ports {
namespace {

constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 §2.3.4, without the trailing dot
constexpr std::size_t kRangeBytesMax = 64;
constexpr std::size_t kInterfaceBytesMax = 15;  // IFNAMSIZ, without its end

std::unexpected<Error> malformed(std::string why) { return fail(Next::Rejected, kNetworkMalformed, std::move(why)); }

bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

bool is_host(std::string_view text) {
  const bool is_name = !text.empty() && text.size() <= kHostBytesMax && is_alphanumeric(text.front()) &&
                       std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
  return is_name || parse_ip_address(text);
}

Result<std::string> require_host(std::string text, std::string_view what) {
  if (is_host(text)) return text;
  return malformed(cat("expected ", what, " as a name or an address, saw '", printable(text, 60), "'"));
}

Result<IpAddress> address_in(std::string_view text) {
  const auto address = parse_ip_address(text);
  return address ? Result<IpAddress>(*address) : malformed(address.error().message);
}

/// `192.0.2.7/24`: with the bits of the machine itself, unlike a range.
Result<InterfaceAddress> interface_address(std::string_view text) {
  const std::size_t slash = text.find('/');
  InterfaceAddress out;
  out.address = TRY(address_in(text.substr(0, slash)));
  const unsigned width = out.address.is_ipv4() ? 32 : 128;
  const std::string_view bits = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  const auto [end, problem] = std::from_chars(bits.data(), bits.data() + bits.size(), out.bits);
  const bool is_number = problem == std::errc() && end == bits.data() + bits.size();
  if (is_number && out.bits > 0 && out.bits <= width) return out;
  return malformed(cat("expected an address and its network as 192.0.2.7/24, saw '", printable(text, 60), "'"));
}

Result<void> require_interface(std::string_view name) {
  const bool is_name = !name.empty() && name.size() <= kInterfaceBytesMax && std::ranges::all_of(name, is_lower);
  if (is_name) return {};
  return malformed(cat("expected an interface such as eth0, saw '", printable(name, 60), "'"));
}

Result<InterfaceSettings> interface_settings(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "interface"));
  InterfaceSettings out;
  for (const std::string& one : TRY(fields.texts("addresses", kAddressesMax, kRangeBytesMax))) {
    out.addresses.push_back(TRY(interface_address(one)));
  }
  const auto ipv4s = std::ranges::count_if(out.addresses, [](const auto& one) { return one.address.is_ipv4(); });
  if (out.addresses.empty() || ipv4s > 1 || std::ssize(out.addresses) - ipv4s > 1) {
    return malformed(cat("expected one address of each family at most, and one, saw ", out.addresses.size()));
  }
  if (fields.has("gateway")) {
    out.gateway = TRY(address_in(TRY(fields.text("gateway", kRangeBytesMax))));
    if (!out.gateway->is_ipv4() || ipv4s == 0) {
      return malformed("expected a gateway of IPv4 beside an address of IPv4; IPv6 has its routers say so");
    }
  }
  TRY(fields.done());
  return out;
}

Result<NetworkProxy> proxy_in(json::Fields fields) {
  NetworkProxy out;
  out.host = TRY(require_host(TRY(fields.text("host", kHostBytesMax)), "a proxy"));
  out.port = static_cast<std::uint16_t>(TRY(fields.integer("port", 1, 65'535)));
  TRY(fields.done());
  return out;
}

Result<NetworkSettings> settings_in(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "network"));
  NetworkSettings out;
  if (fields.has("interfaces")) {
    const json::Value* interfaces = TRY(fields.value("interfaces"));
    const json::Object* members = interfaces->object();
    if (members == nullptr || members->size() > kInterfacesMax) {
      return malformed(cat("expected interfaces as an object of at most ", kInterfacesMax));
    }
    for (const json::Member& one : *members) {
      TRY(require_interface(one.name));
      out.interfaces.emplace(one.name, TRY(interface_settings(one.value)));
    }
  }
  if (fields.has("name_servers")) {
    for (const auto& one : TRY(fields.texts("name_servers", kNetworkServersMax, kRangeBytesMax))) {
      out.name_servers.push_back(TRY(address_in(one)));
    }
  }
  if (fields.has("time_servers")) {
    for (auto& one : TRY(fields.texts("time_servers", kNetworkServersMax, kHostBytesMax))) {
      out.time_servers.push_back(TRY(require_host(std::move(one), "a time server")));
    }
  }
  if (fields.has("proxy")) out.proxy = TRY(proxy_in(TRY(fields.object("proxy"))));
  TRY(fields.done());
  return out;
}

json::Object to_object(const InterfaceSettings& settings) {
  json::Array addresses;
  for (const auto& [address, bits] : settings.addresses) addresses.emplace_back(cat(to_text(address), '/', bits));
  json::Object out{{"addresses", std::move(addresses)}};
  if (settings.gateway) out.emplace_back("gateway", to_text(*settings.gateway));
  return out;
}

}  // namespace

Result<NetworkSettings> parse_network(const json::Value& value) {
  auto out = settings_in(value);
  if (!out) return malformed(std::move(out).error().message);
  return out;
}

Result<NetworkSettings> parse_network(Bytes text) {
  const auto value = json::parse(text, {.bytes_max = kNetworkBytesMax});
  return value ? parse_network(*value) : malformed(value.error().message);
}

std::string to_json(const NetworkSettings& settings) {
  json::Object out;
  json::Object interfaces;
  for (const auto& [name, one] : settings.interfaces) interfaces.emplace_back(name, to_object(one));
  if (!interfaces.empty()) out.emplace_back("interfaces", std::move(interfaces));
  json::Array name_servers;
  for (const IpAddress& one : settings.name_servers) name_servers.emplace_back(to_text(one));
  if (!name_servers.empty()) out.emplace_back("name_servers", std::move(name_servers));
  json::Array time_servers(settings.time_servers.begin(), settings.time_servers.end());
  if (!time_servers.empty()) out.emplace_back("time_servers", std::move(time_servers));
  if (settings.proxy) {
    out.emplace_back("proxy",
                     json::Object{{"host", settings.proxy->host}, {"port", std::int64_t{settings.proxy->port}}});
  }
  return json::dump(std::move(out));
}

}  // namespace holdfast::ports
