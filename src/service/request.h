// What a request and its answer are to the service: no sockets, no TLS, no threads. A handler is synchronous: parse,
// check the caller, authorise, act in one store transaction, record in the audit, answer.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/json/value.h"
#include "base/time.h"
#include "ports/store/rows/certificate.h"

namespace holdfast::service {

enum class Port { Device, Management, Est };

struct Request {
  Port port = Port::Management;
  std::string method;
  std::string path;
  std::string query;                                ///< as received, without the question mark
  std::string authorization;                        ///< the header's value
  std::optional<std::string> idempotency_key = {};  ///< the header's value, as the next two
  std::optional<std::string> if_match = {};
  std::optional<std::string> if_none_match = {};
  std::optional<std::string> range = {};
  Blob body;
  std::string source;                      ///< the peer's address
  std::optional<Blob> client_certificate;  ///< DER; TLS proved possession of its key and nothing else
  std::string trace = {};                  ///< wire/trace.h; empty where the caller named none
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  Blob body = {};
  std::optional<Duration> retry_after = {};
  bool durable = false;                    ///< tell the peer only once the store has flushed
  std::optional<Duration> fresh_for = {};  ///< anybody may keep it so long; else nobody may keep it
  std::string allow = {};                  ///< of a 405: the methods that the path answers, `GET, POST`
  std::string authenticate = {};           ///< of a 401: how to say who one is, `Bearer`
  bool is_base64 = false;                  ///< the body is (Content-Transfer-Encoding, which EST's clients look for)
  std::string content_range = {};          ///< of a 206: which bytes of how many, `bytes 0-99/1234`
  std::string etag = {};                   ///< strong, with its quotes; empty: none
  bool replayed = false;                   ///< an earlier request under the same Idempotency-Key was answered so
};

Response json_response(int status, const json::Value& value);
/// RFC 9457, from an error of ours. `reason` and `title` are its word, which never changes; `detail` is for people,
/// and `trace` what to name to who runs the service.
Response problem(const Error& error, std::string_view trace = {});
/// The same with a status that no `Next` has.
Response problem(const Error& error, int status, std::string_view trace = {});

/// What an operator's token allows; each includes the ones before.
enum class Scope { Read = 0, Operate = 1, Own = 2 };
std::string_view name_of(Scope scope);
Result<Scope> parse_scope(std::string_view word);

struct AnonymousCaller {};
struct DeviceCaller {
  std::string catalog;
  std::string device;
  ports::CertificateKind kind;
};
struct OperatorCaller {
  std::string name;
  std::string catalog;  ///< empty: every catalog
  Scope scope;
};
using Caller = std::variant<AnonymousCaller, DeviceCaller, OperatorCaller>;

/// `operator:ada`, `device:hf-…`, `anonymous`: the actor of an audit entry.
std::string actor_of(const Caller& caller);

inline constexpr Reason kCallerUnknown{"caller-unknown"};
inline constexpr Reason kCallerNotAllowed{"caller-not-allowed"};
inline constexpr Reason kInputMalformed{"input-malformed"};
inline constexpr Reason kNameMalformed{"name-malformed"};
inline constexpr Reason kNothingThere{"nothing-there"};
inline constexpr Reason kAlreadyThere{"already-there"};
inline constexpr Reason kCatalogLeft{"catalog-left"};  ///< it lives at another service, or has not arrived whole
inline constexpr Reason kPreconditionFailed{"precondition-failed"};       ///< 412
inline constexpr Reason kIdempotencyKeyReused{"idempotency-key-reused"};  ///< 422

/// An error in what the caller sent, whoever found it: damaged bytes from outside are the caller's fault.
template <class T>
Result<T> input(Result<T> parsed) {
  if (!parsed && parsed.error().next == Next::Corrupt) parsed.error().next = Next::Rejected;
  return parsed;
}

}  // namespace holdfast::service
