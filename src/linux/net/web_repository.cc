#include "linux/net/web_repository.h"

#include "base/text.h"

namespace holdfast::linux::net {
namespace {

constexpr int kFound = 200;

/// Some static servers say 403 of what is not there.
bool is_missing(int status) { return status == 403 || status == 404 || status == 410; }

std::size_t end_of_authority(std::string_view base) {
  const std::size_t scheme = base.find("://");
  const std::size_t path = scheme == std::string_view::npos ? scheme : base.find('/', scheme + 3);
  return path == std::string_view::npos ? base.size() : path;
}

}  // namespace

Result<std::unique_ptr<WebRepository>> WebRepository::make(std::string_view base, ports::Clock& clock,
                                                           const Timeouts& timeouts) {
  const std::size_t end = end_of_authority(base);
  ServiceAddress address = TRY(parse_web_service(base.substr(0, end)));
  std::string folder(base.substr(end));
  if (!folder.ends_with('/')) folder += '/';
  std::unique_ptr<tls::Connector> connector;
  if (!address.is_plain) connector = TRY(tls::Connector::make(tls::PeerUnverified{}, {}));
  return std::unique_ptr<WebRepository>(
      new WebRepository(std::move(address), std::move(folder), std::move(connector), clock, timeouts));
}

Result<Answer> WebRepository::ask(std::string_view path, std::size_t bytes_max) {
  auto link = std::exchange(link_, std::nullopt);
  if (!link || !link->is_quiet()) {
    link.reset();
    link = TRY(connector_ ? Link::open(*connector_, address_, clock_, timeouts_)
                          : Link::open_plain(address_, clock_, timeouts_));
  }
  const std::string request = cat("GET ", folder_, path, " HTTP/1.1\r\nHost: ", address_.authority, "\r\n\r\n");
  Answer answer = TRY(link->talk(as_bytes(request), bytes_max, clock_.now() + timeouts_.answer));
  if (link->keeps_alive()) link_ = std::move(link);
  return answer;
}

Result<std::optional<Blob>> WebRepository::fetch(std::string_view path, std::size_t bytes_max) {
  auto answer = ask(path, bytes_max);
  if (!answer) {
    const bool is_endless = answer.error().next == Next::Exhausted;
    return fail(is_endless ? Next::Exhausted : Next::Retry,
                is_endless ? ports::kRepositoryEndless : ports::kRepositoryUnreachable,
                std::move(answer).error().message);
  }
  if (answer->status == kFound) return std::optional(std::move(answer->body));
  if (is_missing(answer->status)) return std::optional<Blob>();
  return fail(Next::Retry, ports::kRepositoryUnreachable,
              cat("expected ", printable(path), " with status 200, saw ", answer->status));
}

}  // namespace holdfast::linux::net
