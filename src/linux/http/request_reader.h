// Bytes of a connection into requests, one after another. Beast parses; around it stand the checks that it leaves to
// its users: RFC 9112 §6.1 and §6.3 (one length, of one kind), §3.2 (one Host, origin-form alone), no line folding,
// trailers dropped, and bounds on everything. What is refused comes with the status to answer; nothing can be read
// after that.
#pragma once

#include <memory>
#include <variant>

#include "linux/http/message.h"

namespace holdfast::linux::http {

inline constexpr std::size_t kHeadersMax = 100;
inline constexpr std::size_t kPathBytesMax = 4096;

/// Why a request is not served.
struct Refusal {
  int status;
  Error error;
};

enum class Reading {
  Head,      ///< the head is not complete
  Body,      ///< the head is; bytes of the body are missing
  Complete,  ///< take() it
};

class RequestReader {
 public:
  RequestReader(std::size_t header_bytes_max, std::size_t body_bytes_max);
  RequestReader(RequestReader&&) noexcept;
  ~RequestReader();

  /// Takes what came from the connection; with no bytes, looks on in what is left from before.
  std::expected<Reading, Refusal> feed(Bytes bytes);

  /// Bytes of an unfinished request are here.
  bool has_begun() const;
  /// RFC 9110 §10.1.1: the client waits to be told that its body is wanted. True once per request.
  bool take_expectation();

  struct Taken {
    Request request;  ///< source and certificate are the connection's to add
    bool head_only;   ///< it was HEAD
    bool keep_alive;
  };
  /// The complete request; what follows it stays for the next.
  Taken take();

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::http
