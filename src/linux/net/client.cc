#include "linux/net/client.h"

#include <algorithm>
#include <array>
#include <list>

#include "base/text.h"
#include "linux/net/link.h"

namespace holdfast::linux::net {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::size_t kPathBytesMax = 4096;

bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

bool is_token_character(char c) {
  return is_visible(c) && std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}

/// RFC 9110 §5.5, §5.6.2: whatever the caller puts in, the request stays one request.
bool is_header(const std::pair<std::string, std::string>& header) {
  return !header.first.empty() && std::ranges::all_of(header.first, is_token_character) &&
         std::ranges::all_of(header.second, [](char c) { return c == ' ' || c == '\t' || is_visible(c); });
}

Result<void> require_well_formed(const Call& call) {
  const bool is_good = std::ranges::find(kMethods, call.method) != kMethods.end() && call.path.starts_with('/') &&
                       call.path.size() <= kPathBytesMax && std::ranges::all_of(call.path, is_visible) &&
                       std::ranges::all_of(call.headers, is_header) && is_header({"Content-Type", call.content_type});
  if (is_good) return {};
  return fail(Next::Rejected, kNetRequestMalformed,
              cat("expected a method, path and headers of HTTP, saw ", printable(call.method, 20), " ",
                  printable(call.path, 60)));
}

Blob write_request(const Call& call, const ServiceAddress& address) {
  std::string head = cat(call.method, " ", call.path, " HTTP/1.1\r\nHost: ", address.authority, "\r\n");
  for (const auto& [name, value] : call.headers) head += cat(name, ": ", value, "\r\n");
  if (call.method != "GET" || !call.body.empty()) head += cat("Content-Length: ", call.body.size(), "\r\n");
  if (!call.body.empty()) head += cat("Content-Type: ", call.content_type, "\r\n");
  head += "\r\n";
  Blob request = concat({as_bytes(head), call.body});
  wipe(head);
  return request;
}

/// What a connection, and a session, may be used again for.
struct Route {
  std::string service;
  std::optional<ports::IpAddress> address;
  std::optional<ports::NetworkProxy> proxy;
  tls::Peer peer;
  std::optional<Blob> certificate;
  friend bool operator==(const Route&, const Route&) = default;
};

Route route_of(const Call& call) {
  Route route{call.service, call.address, call.proxy, call.peer, std::nullopt};
  if (call.identity) route.certificate = call.identity->certificate;
  return route;
}

}  // namespace

struct Client::Held {
  struct Kept {
    Route route;
    std::unique_ptr<tls::Connector> connector;
    std::optional<Link> link;
    Instant idle_ends{};
  };

  ports::Clock& clock;
  Timeouts timeouts;
  std::shared_ptr<tls::SharedPeers> peers;
  std::list<Kept> kept{};                 ///< the last used first
  std::uint64_t opened = 0;               ///< connections so far
  std::optional<WallTime> earliest = {};  ///< of the last call, which came at `called`
  Instant called = {};

  Result<Kept*> find(const Call& call);
  Result<std::unique_ptr<tls::Connector>> connector_for(const Call& call);
  Result<Link> take_link(Kept& kept, const ServiceAddress& address);
  Instant deadline(const Kept& kept) const;
  tls::JudgedAt judged() const;
  bool has_ended(const tls::Connector& connector) const;
};

/// The time as far as the caller knows it.
tls::JudgedAt Client::Held::judged() const {
  if (!earliest) return {clock.wall_time()};
  return {*earliest + (clock.now() - called), true};
}

bool Client::Held::has_ended(const tls::Connector& connector) const {
  const auto not_after = connector.own_not_after();
  return not_after && judged().time > *not_after;
}

Result<std::unique_ptr<tls::Connector>> Client::Held::connector_for(const Call& call) {
  std::optional<tls::Identity> identity;
  if (call.identity) identity = tls::Identity{{call.identity->certificate}, call.identity->sign};
  auto settings = TRY(peers ? peers->find(call.peer) : tls::PeerSettings::make(call.peer));
  return tls::Connector::make(std::move(settings), identity);
}

Result<Client::Held::Kept*> Client::Held::find(const Call& call) {
  const Route route = route_of(call);
  const auto known = std::ranges::find(kept, route, &Kept::route);
  if (known != kept.end()) {
    kept.splice(kept.begin(), kept, known);
    return &kept.front();
  }
  auto connector = connector_for(call);
  if (!connector) return fail(Next::Rejected, kNetRequestMalformed, std::move(connector).error().message);
  if (has_ended(**connector)) {
    return fail(Next::Denied, ports::kNetCertificateEnded,
                "expected a client certificate that is valid now, saw an ended one");
  }
  if (kept.size() >= kRoutesKeptMax) kept.pop_back();
  kept.push_front(Kept{route, std::move(*connector), std::nullopt});
  return &kept.front();
}

Result<Link> Client::Held::take_link(Kept& from, const ServiceAddress& address) {
  auto link = std::exchange(from.link, std::nullopt);
  if (link && link->is_quiet()) return std::move(*link);
  link.reset();
  ++opened;
  return Link::open(*from.connector, address, clock, judged(), timeouts);
}

/// No exchange goes on past the end of our certificate.
Instant Client::Held::deadline(const Kept& at) const {
  Duration time = timeouts.answer;
  if (const auto not_after = at.connector->own_not_after()) time = std::min(time, *not_after - judged().time);
  return clock.now() + time;
}

Client::Client(ports::Clock& clock, const Timeouts& timeouts, std::shared_ptr<tls::SharedPeers> peers)
    : held_(new Held{clock, timeouts, std::move(peers)}) {}
Client::~Client() = default;

Result<Answer> Client::exchange(const Call& call) {
  TRY(require_well_formed(call));
  ServiceAddress address = TRY(parse_service(call.service));
  address.dialled = call.address;
  address.from = call.from;
  address.proxy = call.proxy;
  held_->earliest = call.earliest;
  held_->called = held_->clock.now();
  close_ended();
  Held::Kept& kept = *TRY(held_->find(call));
  const auto opened_before = held_->opened;
  Link link = TRY(held_->take_link(kept, address));
  // Headers and bodies carry tokens and claims.
  Secret request(write_request(call, address));
  Answer answer = TRY(link.talk(request.expose(), call.answer_bytes_max, held_->deadline(kept)));
  answer.on_kept_connection = held_->opened == opened_before;
  if (link.keeps_alive()) {
    kept.link = std::move(link);
    kept.idle_ends = held_->clock.now() + held_->timeouts.idle;
  } else {
    link.close();
  }
  return answer;
}

void Client::close_ended() {
  std::erase_if(held_->kept, [&](const Held::Kept& kept) { return held_->has_ended(*kept.connector); });
  for (auto& kept : held_->kept) {
    if (!kept.link || held_->clock.now() < kept.idle_ends) continue;
    kept.link->close();
    kept.link.reset();
  }
}

void Client::close_connections() {
  close_ended();
  for (auto& kept : held_->kept) {
    if (kept.link) kept.link->close();
    kept.link.reset();
  }
}

}  // namespace holdfast::linux::net
