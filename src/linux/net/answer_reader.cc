#include "linux/net/answer_reader.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace holdfast::linux::net {
namespace {

std::unexpected<Error> malformed(std::string sentence) {
  return fail(Next::Corrupt, ports::kNetAnswerMalformed, std::move(sentence));
}

std::unexpected<Error> too_large(std::string_view what, std::size_t bytes_max) {
  return fail(Next::Exhausted, ports::kNetAnswerMalformed,
              cat("expected ", what, " of at most ", bytes_max, " bytes, saw more"));
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_text(char c) { return c == '\t' || (c >= 0x20 && c < 0x7F); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

Result<std::size_t> parse_number(std::string_view text, int base, std::string_view what) {
  std::size_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    return malformed(cat("expected a ", what, " as a number, saw ", printable(text, 40)));
  }
  return number;
}

}  // namespace

const std::string* Answer::header(std::string_view name) const {
  const auto found =
      std::ranges::find(headers, name, [](const auto& header) -> std::string_view { return header.first; });
  return found == headers.end() ? nullptr : &found->second;
}

Result<void> AnswerReader::feed(Bytes bytes) {
  buffer_ += as_text(bytes);
  while (state_ != State::Complete) {
    if (!TRY(advance())) break;
  }
  return {};
}

Result<bool> AnswerReader::advance() {
  switch (state_) {
    case State::Head: return read_head();
    case State::Body:
    case State::Chunk: return read_body();
    case State::ChunkSize: return read_chunk_size();
    case State::ChunkEnd: return read_chunk_end();
    case State::Trailers: return read_trailers();
    case State::Complete: break;
  }
  return false;
}

void AnswerReader::drop(std::size_t size) { buffer_.erase(0, size); }

Result<bool> AnswerReader::read_head() {
  const std::size_t end = buffer_.find("\r\n\r\n");
  if (std::min(end, buffer_.size()) > kAnswerHeaderBytesMax) return too_large("a head", kAnswerHeaderBytesMax);
  if (end == std::string::npos) return false;
  const std::string head = buffer_.substr(0, end);
  drop(end + 4);
  answer_ = {};
  std::size_t at = head.find("\r\n");
  TRY(parse_status_line(std::string_view(head).substr(0, at)));
  while (at != std::string::npos) {
    const std::size_t next = head.find("\r\n", at + 2);
    TRY(parse_header_line(std::string_view(head).substr(at + 2, next == std::string::npos ? next : next - at - 2)));
    at = next;
  }
  if (answer_.status < 200) {
    // RFC 9110 §15.2: interim answers come before the real one. Changing protocols was not asked for.
    if (answer_.status == 101 || ++interim_answers_ > kInterimAnswersMax) {
      return malformed(cat("expected a final answer, saw status ", answer_.status));
    }
    return true;
  }
  TRY(judge_length());
  return true;
}

/// `HTTP/1.1 200 OK` (RFC 9112 §4); the words at the end may be missing, the space before them not.
Result<void> AnswerReader::parse_status_line(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  constexpr std::string_view kOldVersion = "HTTP/1.0 ";
  is_old_ = versions_ == Versions::Http10Too && line.starts_with(kOldVersion);
  if (is_old_) keep_alive_ = false;
  const bool has_form = (is_old_ || line.starts_with(kVersion)) && line.size() >= kVersion.size() + 4 &&
                        line[kVersion.size() + 3] == ' ' && std::ranges::all_of(line, is_text);
  if (!has_form) return malformed(cat("expected an HTTP/1.1 status line, saw ", printable(line, 60)));
  const std::size_t status = TRY(parse_number(line.substr(kVersion.size(), 3), 10, "status"));
  if (status < 100 || status > 599) return malformed(cat("expected a status of 100 to 599, saw ", status));
  answer_.status = static_cast<int>(status);
  return {};
}

Result<void> AnswerReader::parse_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || !std::ranges::all_of(name, is_token_character) ||
      !std::ranges::all_of(line, is_text)) {
    return malformed(cat("expected a header line, saw ", printable(line, 60)));
  }
  if (answer_.headers.size() >= kAnswerHeadersMax) {
    return malformed(cat("expected at most ", kAnswerHeadersMax, " headers, saw more"));
  }
  answer_.headers.emplace_back(lower(name), without_blanks(line.substr(colon + 1)));
  return {};
}

/// RFC 9112 §6.3, the unambiguous cases alone.
Result<void> AnswerReader::judge_length() {
  std::vector<std::string> lengths;
  std::vector<std::string> codings;
  for (const auto& [name, value] : answer_.headers) {
    if (name == "content-length") lengths.push_back(value);
    if (name == "transfer-encoding") codings.push_back(lower(value));
    if (name == "connection" && lower(value).find("close") != std::string::npos) keep_alive_ = false;
  }
  if (lengths.size() + codings.size() > 1) return malformed("expected one length of the answer, saw several");
  if (answer_.status == 204 || answer_.status == 304) {
    state_ = State::Complete;
    return {};
  }
  if (!codings.empty()) {
    if (is_old_ || codings.front() != "chunked") {
      return malformed("expected Transfer-Encoding: chunked in HTTP/1.1, saw another");
    }
    state_ = State::ChunkSize;
    return {};
  }
  if (lengths.empty()) return malformed("expected an answer that says its length, saw none");
  missing_ = TRY(parse_number(lengths.front(), 10, "Content-Length"));
  if (missing_ > body_bytes_max_) return too_large("an answer", body_bytes_max_);
  state_ = missing_ == 0 ? State::Complete : State::Body;
  return {};
}

Result<bool> AnswerReader::read_body() {
  if (buffer_.empty()) return false;
  const std::size_t size = std::min(missing_, buffer_.size());
  const Bytes part = as_bytes(std::string_view(buffer_).substr(0, size));
  answer_.body.insert(answer_.body.end(), part.begin(), part.end());
  drop(size);
  missing_ -= size;
  if (missing_ == 0) state_ = state_ == State::Body ? State::Complete : State::ChunkEnd;
  return true;
}

Result<std::optional<std::string>> AnswerReader::take_line() {
  const std::size_t end = buffer_.find("\r\n");
  if (std::min(end, buffer_.size()) > kChunkLineBytesMax) return too_large("a line between chunks", kChunkLineBytesMax);
  if (end == std::string::npos) return std::nullopt;
  std::string line = buffer_.substr(0, end);
  drop(end + 2);
  return line;
}

Result<bool> AnswerReader::read_chunk_size() {
  const auto line = TRY(take_line());
  if (!line) return false;
  // RFC 9112 §7.1.1: unknown chunk extensions are passed over.
  missing_ = TRY(parse_number(without_blanks(std::string_view(*line).substr(0, line->find(';'))), 16, "chunk size"));
  if (missing_ > body_bytes_max_ - answer_.body.size()) return too_large("an answer", body_bytes_max_);
  state_ = missing_ == 0 ? State::Trailers : State::Chunk;
  return true;
}

Result<bool> AnswerReader::read_chunk_end() {
  const auto line = TRY(take_line());
  if (!line) return false;
  if (!line->empty()) return malformed("expected the end of a chunk, saw more of it");
  state_ = State::ChunkSize;
  return true;
}

/// Read and dropped: nothing that we ask for comes in trailers.
Result<bool> AnswerReader::read_trailers() {
  const auto line = TRY(take_line());
  if (!line) return false;
  trailer_bytes_ += line->size();
  if (trailer_bytes_ > kAnswerHeaderBytesMax) return too_large("trailers", kAnswerHeaderBytesMax);
  if (line->empty()) state_ = State::Complete;
  return true;
}

}  // namespace holdfast::linux::net
