#include "linux/store/postgres/servers.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace holdfast::linux::store::postgres {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

constexpr std::string_view kPortWhereNoneIsNamed = "5432";

std::vector<std::string> split(const char* list) {
  std::vector<std::string> out;
  for (std::string_view rest = list == nullptr ? "" : list; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    out.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    if (rest.empty() && comma != std::string_view::npos) out.emplace_back();
  }
  return out;
}

std::vector<std::string> value_of(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one) {
    if (keyword == one->keyword) return split(one->val);
  }
  return {};
}

struct Server {
  std::string host;
  std::string hostaddr;
  std::string port;

  /// As PQhost() and PQport() name it.
  std::string name() const {
    return cat(host.empty() ? hostaddr : host, ":", port.empty() ? kPortWhereNoneIsNamed : port);
  }
};

std::string join(const std::vector<Server>& servers, std::string Server::* part) {
  std::string out;
  for (const Server& one : servers) out += cat(&one == &servers.front() ? "" : ",", one.*part);
  return std::ranges::all_of(out, [](char c) { return c == ','; }) ? std::string() : out;
}

}  // namespace

Servers servers_of(const std::string& url, const Preference& preference) {
  const Options options(PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
  if (options == nullptr) return {};  // PQconnectdbParams() says why
  const auto hosts = value_of(options, "host");
  const auto addresses = value_of(options, "hostaddr");
  auto ports = value_of(options, "port");
  const std::size_t count = std::max(hosts.size(), addresses.size());
  if (ports.size() == 1) ports.resize(count, ports.front());
  const auto fits = [&](const auto& list) { return list.empty() || list.size() == count; };
  if (count < 2 || !fits(hosts) || !fits(addresses) || !fits(ports)) return {};
  std::vector<Server> servers;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = [&](const std::vector<std::string>& list) { return list.empty() ? std::string() : list[i]; };
    servers.push_back({at(hosts), at(addresses), at(ports)});
  }
  const auto rank = [&](const Server& one) {
    if (one.name() == preference.first) return 0;
    return one.name() == preference.last ? 2 : 1;
  };
  std::ranges::stable_sort(servers, {}, rank);
  return {join(servers, &Server::host), join(servers, &Server::hostaddr), join(servers, &Server::port)};
}

}  // namespace holdfast::linux::store::postgres
