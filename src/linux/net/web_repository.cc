#include "linux/net/web_repository.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::linux::net {
namespace {

constexpr int kFound = 200;
constexpr std::size_t kErrorPageBytesMax = 64 * 1024;

/// Some static servers say 403 of what is not there.
bool is_missing(int status) { return status == 403 || status == 404 || status == 410; }

bool is_plain_folder(std::string_view folder) {
  return std::ranges::all_of(folder, [](char c) { return c > 0x20 && c < 0x7F && c != '?' && c != '#'; });
}

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
  if (!is_plain_folder(folder)) {
    return fail(Next::Rejected, kNetRequestMalformed,
                cat("expected a path without spaces, ? and #, saw ", printable(folder, 100)));
  }
  if (!folder.ends_with('/')) folder += '/';
  std::unique_ptr<tls::Connector> connector;
  if (!address.is_plain) connector = TRY(tls::Connector::make(tls::PeerUnverified{}, {}));
  return std::unique_ptr<WebRepository>(
      new WebRepository(std::move(address), std::move(folder), std::move(connector), clock, timeouts));
}

/// The server may end a kept connection just as it is used again; what is asked for changes nothing there.
Result<Answer> WebRepository::ask(std::string_view path, std::size_t bytes_max) {
  const std::string request = cat("GET ", folder_, path, " HTTP/1.1\r\nHost: ", address_.authority, "\r\n\r\n");
  const auto talk = [&](Link& link) {
    return link.talk(as_bytes(request), bytes_max, clock_.now() + timeouts_.answer, Versions::Http10Too);
  };
  if (auto kept = std::exchange(link_, std::nullopt); kept && kept->is_quiet()) {
    auto answer = talk(*kept);
    if (answer && kept->keeps_alive()) link_ = std::move(kept);
    if (answer || answer.error().reason != ports::kNetUnreachable) return answer;
  }
  Link link = TRY(connector_ ? Link::open(*connector_, address_, clock_.wall_time(), clock_, timeouts_)
                             : Link::open_plain(address_, clock_, timeouts_));
  Answer answer = TRY(talk(link));
  if (link.keeps_alive()) link_ = std::move(link);
  return answer;
}

Result<std::optional<Blob>> WebRepository::fetch(std::string_view path, std::size_t bytes_max) {
  // A page that says that there is none may be longer than what is wanted.
  auto answer = ask(path, std::max(bytes_max, kErrorPageBytesMax));
  if (!answer) {
    const bool is_endless = answer.error().next == Next::Exhausted;
    return fail(is_endless ? Next::Exhausted : Next::Retry,
                is_endless ? ports::kRepositoryEndless : ports::kRepositoryUnreachable,
                std::move(answer).error().message);
  }
  if (is_missing(answer->status)) return std::optional<Blob>();
  if (answer->status != kFound) {
    return fail(Next::Retry, ports::kRepositoryUnreachable,
                cat("expected ", printable(path), " with status 200, saw ", answer->status));
  }
  if (answer->body.size() <= bytes_max) return std::optional(std::move(answer->body));
  return fail(Next::Exhausted, ports::kRepositoryEndless,
              cat("expected at most ", bytes_max, " bytes of ", printable(path), ", saw ", answer->body.size()));
}

}  // namespace holdfast::linux::net
