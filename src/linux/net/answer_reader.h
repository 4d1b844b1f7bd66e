// An HTTP/1.1 answer from the bytes of a connection. Strict, because what it refuses is either an attack or a broken
// service: one length of one kind (RFC 9112 §6.3), no line folding, no bare line feeds, bounds on everything. An
// answer that ends only with the connection is refused, since nobody could tell whether it was cut. Plain static
// servers may answer as HTTP/1.0 where that is allowed: the same, on a connection that is not used again.
#pragma once

#include "linux/net/client.h"

namespace holdfast::linux::net {

inline constexpr std::size_t kAnswerHeadersMax = 100;
inline constexpr std::size_t kChunkLineBytesMax = 1024;
inline constexpr int kInterimAnswersMax = 8;

enum class Versions { Http11, Http10Too };

class AnswerReader {
 public:
  explicit AnswerReader(std::size_t body_bytes_max, Versions versions = Versions::Http11)
      : body_bytes_max_(body_bytes_max), versions_(versions) {}

  /// Takes what came; Corrupt (kNetAnswerMalformed) when it is no answer, Exhausted (the same) when it is too large.
  Result<void> feed(Bytes bytes);
  bool is_complete() const { return state_ == State::Complete; }
  /// The connection may carry another exchange.
  bool keeps_alive() const { return keep_alive_ && buffer_.empty(); }
  Answer take() { return std::move(answer_); }

 private:
  enum class State { Head, Body, ChunkSize, Chunk, ChunkEnd, Trailers, Complete };

  Result<bool> advance();  ///< false: needs more
  Result<bool> read_head();
  Result<void> parse_status_line(std::string_view line);
  Result<void> parse_header_line(std::string_view line);
  Result<void> judge_length();
  Result<bool> read_body();
  Result<bool> read_chunk_size();
  Result<bool> read_chunk_end();
  Result<bool> read_trailers();
  Result<std::optional<std::string>> take_line();
  void drop(std::size_t size);

  const std::size_t body_bytes_max_;
  const Versions versions_;
  State state_ = State::Head;
  std::string buffer_;
  Answer answer_;
  std::size_t missing_ = 0;  ///< of the body, or of the chunk
  std::size_t trailer_bytes_ = 0;
  int interim_answers_ = 0;
  bool keep_alive_ = true;
  bool is_old_ = false;  ///< HTTP/1.0
};

}  // namespace holdfast::linux::net
