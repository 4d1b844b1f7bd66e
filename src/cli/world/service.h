// One request to the management port and its answer, over TLS 1.3. The service must prove itself each time, by
// the CA that the owner link named; there is no other way to reach it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::cli {

inline constexpr std::size_t kServiceAnswerBytesMax = 16 * 1024 * 1024;

struct ServiceCall {
  std::string url;                   ///< `https://host:port`
  Digest256 service_ca_sha256{};     ///< the service sends the CA with this digest, and is under it
  std::string method;                ///< GET, POST, PUT, DELETE
  std::string path;                  ///< from `/`, encoded, with its query
  Secret token;                      ///< an operator's; empty: none is sent
  std::string idempotency_key = {};  ///< so that the same call again is not done twice; empty: none is sent
  std::string trace = {};            ///< that the call belongs to (wire/trace.h); empty: none is sent
  std::string content_type = "application/json";
  Blob body = {};
};

struct ServiceAnswer {
  int status = 0;
  Blob body;
};

class Service {
 public:
  virtual ~Service() = default;
  /// Any HTTP answer is a success; an Error means that there was none.
  virtual Result<ServiceAnswer> call(const ServiceCall& call) = 0;
};

}  // namespace holdfast::cli
