#include "linux/http/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <optional>

#include "base/check.h"
#include "base/text.h"
#include "linux/http/request_head.h"
#include "linux/http/server.h"

namespace holdfast::linux::http {

namespace beast = boost::beast::http;
using Parser = beast::request_parser<beast::vector_body<std::uint8_t>>;
using Failure = boost::beast::error_code;

struct RequestReader::Held {
  std::size_t header_bytes_max;
  std::size_t body_bytes_max;
  Blob buffer;           ///< from the first byte that is not parsed; while reading a head, from the head's first
  std::size_t used = 0;  ///< of `buffer`, parsed
  std::optional<Parser> parser;
  Head head;
  bool expectation = false;

  void begin();
  std::expected<Reading, Refusal> read_head();
  std::expected<Reading, Refusal> read_body();
  std::expected<Reading, Refusal> finish_head();
};

namespace {

Refusal too_large(int status, std::string_view what, std::size_t bytes_max) {
  return {status, Error{Next::Rejected, kHttpTooLarge, cat("expected a ", what, " of at most ", bytes_max, " bytes")}};
}

Refusal explain(const Failure& failure, std::size_t header_bytes_max, std::size_t body_bytes_max) {
  if (failure == beast::error::header_limit) return too_large(431, "head", header_bytes_max);
  if (failure == beast::error::body_limit) return too_large(413, "body", body_bytes_max);
  const int status = failure == beast::error::bad_version ? 505 : 400;
  return {status, Error{Next::Rejected, kHttpMalformed, cat("expected HTTP/1.1, saw a ", failure.message())}};
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void RequestReader::Held::begin() {
  parser.emplace();
  parser->header_limit(static_cast<std::uint32_t>(header_bytes_max));
  parser->body_limit(body_bytes_max);
  parser->eager(false);  // so that the head is judged before any of the body is looked at
}

std::expected<Reading, Refusal> RequestReader::Held::read_head() {
  if (buffer.empty()) return Reading::Head;
  if (!parser) begin();
  while (!parser->is_header_done()) {
    Failure failure;
    const std::size_t took = parser->put(boost::asio::buffer(buffer.data() + used, buffer.size() - used), failure);
    used += took;
    if (failure == beast::error::need_more) {
      if (buffer.size() >= header_bytes_max) return std::unexpected(too_large(431, "head", header_bytes_max));
      return Reading::Head;
    }
    if (failure) return std::unexpected(explain(failure, header_bytes_max, body_bytes_max));
  }
  return finish_head();
}

/// The headers are taken now, so that trailers cannot add to them (RFC 9110 §6.5.1).
std::expected<Reading, Refusal> RequestReader::Held::finish_head() {
  if (used > header_bytes_max) return std::unexpected(too_large(431, "head", header_bytes_max));
  const auto& message = parser->get();
  head = {std::string(view(message.method_string())), std::string(view(message.target())), {}};
  for (const auto& field : message) head.headers.emplace_back(lower(view(field.name_string())), view(field.value()));
  if (message.version() != 11) {
    return std::unexpected(
        Refusal{505, Error{Next::Rejected, kHttpMalformed, "expected HTTP/1.1, saw another version"}});
  }
  if (auto refusal = judge_head(head, as_text(Bytes(buffer).first(used)))) return std::unexpected(std::move(*refusal));
  expectation = expects_continue(head) && !parser->is_done();
  return read_body();
}

std::expected<Reading, Refusal> RequestReader::Held::read_body() {
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(used));
  used = 0;
  // Beast takes the address of the first byte of a body that has none when it is given nothing: so it is not.
  // And it asserts that a last chunk which it has seen a part of comes with at least its five bytes, `0 CRLF CRLF`, the
  // next time; every unfinished chunked body has that many to come.
  const std::size_t bytes_min = parser->chunked() ? 5 : 1;
  while (!parser->is_done() && buffer.size() - used >= bytes_min) {
    Failure failure;
    const std::size_t took = parser->put(boost::asio::buffer(buffer.data() + used, buffer.size() - used), failure);
    used += took;
    // What is left over is a chunk's head or trailer, which Beast wants whole.
    const bool hungry = failure == beast::error::need_more || (!failure && took == 0);
    if (hungry && buffer.size() - used >= header_bytes_max) {
      return std::unexpected(too_large(431, "chunk head or trailer", header_bytes_max));
    }
    if (hungry) break;
    if (failure) return std::unexpected(explain(failure, header_bytes_max, body_bytes_max));
  }
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(used));
  used = 0;
  return parser->is_done() ? Reading::Complete : Reading::Body;
}

RequestReader::RequestReader(std::size_t header_bytes_max, std::size_t body_bytes_max)
    : held_(new Held{header_bytes_max, body_bytes_max, {}, 0, {}, {}, false}) {}
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader::~RequestReader() = default;

std::expected<Reading, Refusal> RequestReader::feed(Bytes bytes) {
  held_->buffer.insert(held_->buffer.end(), bytes.begin(), bytes.end());
  if (held_->parser && held_->parser->is_header_done()) return held_->read_body();
  return held_->read_head();
}

bool RequestReader::has_begun() const { return held_->parser || !held_->buffer.empty(); }

bool RequestReader::take_expectation() { return std::exchange(held_->expectation, false); }

RequestReader::Taken RequestReader::take() {
  CHECK_INVARIANT(held_->parser && held_->parser->is_done());
  Taken taken{{}, held_->head.method == "HEAD", held_->parser->keep_alive()};
  Request& request = taken.request;
  request.method = taken.head_only ? "GET" : std::move(held_->head.method);
  const std::string_view target = held_->head.target;
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  request.headers = std::move(held_->head.headers);
  request.body = std::move(held_->parser->get().body());
  held_->parser.reset();
  held_->head = {};
  return taken;
}

}  // namespace holdfast::linux::http
