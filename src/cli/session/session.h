// An operator's dealings with one service: the configuration that login left, and requests that carry its token. A
// refusal by the service is an Error whose `next` follows from the HTTP status and whose sentence is the service's own,
// made safe to print.
#pragma once

#include "base/json/value.h"
#include "base/time.h"
#include "cli/arguments/command.h"
#include "cli/session/config.h"
#include "cli/session/path.h"
#include "cli/world/world.h"
#include "wire/trace.h"

namespace holdfast::cli {

inline constexpr Reason kNotLoggedIn{"not-logged-in"};
inline constexpr Reason kServiceRefused{"service-refused"};
inline constexpr Reason kServiceAnswerMalformed{"service-answer-malformed"};

inline constexpr std::size_t kPagesMax = 10'000;  ///< of one list
inline constexpr std::size_t kItemsMax = 1'000'000;
inline constexpr int kAttemptsMax = 3;  ///< of a POST whose connection was lost, all under one Idempotency-Key
inline constexpr Duration kBetweenAttempts = seconds(1);

/// `--config FILE`, for a command's options.
const Option& config_option();
/// Where the configuration is; kUsageWrong where nothing says so.
Result<std::string> config_file(const World& world, const Arguments& arguments);

/// The body of an answer, or the refusal that it is.
Result<Blob> accepted(ServiceAnswer answer);
Result<json::Value> parse_answer(Bytes body);

class Session {
 public:
  static Result<Session> open(World& world, const Arguments& arguments);
  /// A new one, from login.
  Session(World& world, std::string file, Config config)
      : world_(&world), file_(std::move(file)), config_(std::move(config)) {}

  Result<json::Value> get(const std::string& path) { return exchange("GET", path, nullptr); }
  Result<json::Value> post(const std::string& path, const json::Value& body) { return exchange("POST", path, &body); }
  Result<json::Value> post(const std::string& path) { return exchange("POST", path, nullptr); }
  Result<json::Value> put(const std::string& path, const json::Value& body) { return exchange("PUT", path, &body); }
  Result<json::Value> put(const std::string& path) { return exchange("PUT", path, nullptr); }
  Result<json::Value> erase(const std::string& path) { return exchange("DELETE", path, nullptr); }
  /// A body that is no JSON.
  Result<json::Value> post_text(const std::string& path, std::string content_type, Blob body);
  /// What is to arrive as these very bytes.
  Result<json::Value> put_bytes(const std::string& path, Blob body, std::string content_type = "application/json");
  /// The items of every page, up to a limit; `method` and `body` as for one.
  struct Listing {
    std::string_view method = "GET";
    const json::Value* body = nullptr;
    std::string after = {};
    std::size_t limit = kItemsMax;
    std::string_view page_size = {};  ///< how many items at once; empty: what the service finds right
  };
  Result<json::Array> list(const std::string& path) { return list(path, Listing()); }
  Result<json::Array> list(const std::string& path, Listing listing);

  Config& config() { return config_; }
  /// Writes the configuration back.
  Result<void> save();

 private:
  Result<json::Value> exchange(std::string_view method, const std::string& path, const json::Value* body);
  Result<json::Value> send(ServiceCall call);
  Result<ServiceAnswer> answer_to(const ServiceCall& call);
  ServiceCall call_of(std::string_view method, std::string path) const;

  World* world_;
  std::string file_;
  Config config_;
  wire::Trace trace_ = {};  ///< of everything that this command asks for; made with its first request
};

}  // namespace holdfast::cli
