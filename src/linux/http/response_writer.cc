#include "linux/http/response_writer.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/serializer.hpp>
#include <memory>

#include "base/json/value.h"
#include "base/text.h"
#include "linux/http/server.h"

namespace holdfast::linux::http {

namespace beast = boost::beast::http;

namespace {

constexpr std::string_view kTryAgain = "the service could not answer this request";
constexpr std::size_t kHeaderValueBytesMax = 8 * 1024;
/// What frames a message is the server's to say.
constexpr std::array<std::string_view, 4> kOwnHeaders = {"content-length", "transfer-encoding", "connection", "date"};

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_value(std::string_view value) {
  return value.size() <= kHeaderValueBytesMax &&
         std::ranges::all_of(value, [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7F); });
}

char lower(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

bool is_own(std::string_view name) {
  return std::ranges::any_of(kOwnHeaders,
                             [&](std::string_view own) { return std::ranges::equal(name, own, {}, lower); });
}

bool is_sendable(const std::pair<std::string, std::string>& header) {
  const auto& [name, value] = header;
  return !name.empty() && name.size() <= 256 && std::ranges::all_of(name, is_token_character) && is_value(value) &&
         !is_own(name);
}

bool is_sendable(const Response& response) {
  return response.status >= 200 && response.status <= 599 && is_value(response.content_type) &&
         std::ranges::all_of(response.headers, [](const auto& header) { return is_sendable(header); });
}

boost::beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// The head's bytes; the body is appended by the caller.
Blob serialise(beast::response<beast::empty_body>& message, std::size_t body_bytes) {
  Blob out;
  // Not on the stack, where g++ 12 takes a member of it for uninitialised under -fsanitize=address.
  const auto serialiser = std::make_unique<beast::response_serializer<beast::empty_body>>(message);
  boost::beast::error_code failure;
  serialiser->next(failure, [&](boost::beast::error_code&, const auto& buffers) {
    out.reserve(boost::beast::buffer_bytes(buffers) + body_bytes);
    for (const auto part : boost::beast::buffers_range_ref(buffers)) {
      const auto* bytes = static_cast<const std::uint8_t*>(part.data());
      out.insert(out.end(), bytes, bytes + part.size());
    }
  });
  return out;
}

}  // namespace

Response problem(int status, const Error& error, std::optional<Duration> retry_after) {
  const std::string_view reason = error.reason.word();
  const bool is_callers = status < 500 || error.next == Next::Rejected;
  Response response{.status = status, .content_type = "application/problem+json"};
  response.body =
      to_blob(as_bytes(json::dump(json::Object{{"type", cat("urn:holdfast:problem:", reason)},
                                               {"title", reason},
                                               {"status", status},
                                               {"detail", is_callers ? error.message : std::string(kTryAgain)},
                                               {"reason", reason}})));
  response.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  if (retry_after) {
    const auto whole = std::chrono::ceil<seconds>(*retry_after).count();
    response.headers.emplace_back("Retry-After", cat(std::max<std::int64_t>(whole, 1)));
  }
  return response;
}

std::string http_date(WallTime time) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string when = to_rfc3339(time);  // 1994-11-06T08:49:37Z
  const auto days_passed = std::chrono::floor<std::chrono::days>(std::chrono::milliseconds(time.ms));
  const std::chrono::weekday weekday{std::chrono::sys_days(days_passed)};
  const auto month = static_cast<std::size_t>((when[5] - '0') * 10 + (when[6] - '0') - 1);
  return cat(kDays[weekday.c_encoding()], ", ", when.substr(8, 2), " ", kMonths[month], " ", when.substr(0, 4), " ",
             when.substr(11, 8), " GMT");
}

std::string_view DateLine::at(WallTime time) {
  if (second_ != time.whole_seconds()) {
    second_ = time.whole_seconds();
    text_ = http_date(time);
  }
  return text_;
}

Blob write_response(const Response& response, const Framing& framing) {
  if (!is_sendable(response)) {
    Response instead = problem(500, Error{Next::Corrupt, kHttpMalformed, {}});
    return write_response(instead, framing);
  }
  beast::response<beast::empty_body> message(static_cast<beast::status>(response.status), 11);
  const bool has_body = response.status != 204 && response.status != 304;
  message.set(beast::field::date, view(framing.date));
  if (has_body && !response.content_type.empty()) {
    message.set(beast::field::content_type, view(response.content_type));
  }
  if (has_body) message.content_length(response.body.size());
  if (framing.close) message.set(beast::field::connection, "close");
  for (const auto& [name, value] : response.headers) message.insert(view(name), view(value));
  Blob out = serialise(message, response.body.size());
  if (has_body && !framing.head_only) out.insert(out.end(), response.body.begin(), response.body.end());
  return out;
}

}  // namespace holdfast::linux::http
