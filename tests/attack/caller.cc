#include "attack/caller.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/text.h"

namespace holdfast::tests {
namespace {

constexpr int kTriesMax = 100;
constexpr int kRefusedConnectionsMax = 4;
constexpr int kTooManyRequests = 429;

void pause() { ::usleep(50'000); }

}  // namespace

std::string Answer::text(std::string_view member) const {
  const json::Value* found = body.find(member);
  return found != nullptr && found->text() != nullptr ? *found->text() : std::string();
}

std::string Answer::reason() const { return status >= 400 ? text("title") : std::string(); }

std::string Answer::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

json::Array Answer::items() const {
  const json::Value* found = body.find("items");
  REQUIRE(found != nullptr);
  REQUIRE(found->array() != nullptr);
  return *found->array();
}

json::Array Caller::list(const std::string& path) {
  json::Array out;
  std::string query;
  while (true) {
    const Answer page = get(path + query);
    for (const json::Value& item : page.items()) out.push_back(item);
    const std::string next = page.text("next");
    if (next.empty()) return out;
    query = cat("?after=", next);
  }
}

Answer Caller::send(const std::string& method, const std::string& path, std::string_view body,
                    const std::optional<linux::net::ClientKey>& identity) {
  linux::net::Call call{.service = cat("https://127.0.0.1:", port_),
                        .peer = linux::tls::PeerUnverified{},
                        .method = method,
                        .path = path};
  call.identity = identity;
  call.body = as_bytes(body);
  call.headers = headers;
  if (!token_.empty()) call.headers.emplace_back("Authorization", cat("Bearer ", token_));
  int unanswered = 0;
  for (int i = 0; i < kTriesMax; ++i) {
    Answer answer = send_once(call);
    unanswered += answer.status == 0 ? 1 : 0;
    const bool is_told_to_wait = answer.status == kTooManyRequests || answer.status == 0;
    if (!is_told_to_wait || unanswered == kRefusedConnectionsMax) return answer;
    pause();
  }
  return {};
}

Answer Caller::send_once(const linux::net::Call& call) {
  const auto answer = client_.exchange(call);
  Answer out;
  if (!answer) return out;
  out.status = answer->status;
  out.headers = answer->headers;
  if (auto parsed = json::parse(answer->body, {.bytes_max = 4 * 1024 * 1024, .nodes_max = 1'000'000})) {
    out.body = *std::move(parsed);
  }
  return out;
}

std::unique_ptr<linux::tls::Connector> unverified_connector() {
  auto made = linux::tls::Connector::make(linux::tls::PeerUnverified{}, {});
  REQUIRE(made);
  return *std::move(made);
}

Raw::Raw(std::uint16_t port, const std::string& from) : connector_(unverified_connector()) {
  for (int i = 0; i < kTriesMax; ++i) {
    client_ = std::make_unique<test::RawClient>(*connector_, port, from);
    if (client_->is_open()) return;
    pause();
  }
  FAIL("expected a connection, saw none");
}

int status_of(const std::string& text) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  return text.starts_with(kVersion) ? static_cast<int>(std::strtol(text.c_str() + kVersion.size(), nullptr, 10)) : 0;
}

std::string answer_to(std::uint16_t port, std::string_view bytes) {
  std::string answer;
  for (int i = 0; i < kTriesMax; ++i) {
    Raw raw(port);
    raw->send(bytes);
    answer = raw->receive();
    if (status_of(answer) != kTooManyRequests) break;
    pause();
  }
  return answer;
}

std::string request(const std::string& method, const std::string& path, std::string_view body,
                    const std::string& headers) {
  const std::string length = method == "GET" ? "" : cat("Content-Length: ", body.size(), "\r\n");
  return cat(method, " ", path, " HTTP/1.1\r\nHost: localhost\r\n", length, headers, "\r\n", body);
}

}  // namespace holdfast::tests
