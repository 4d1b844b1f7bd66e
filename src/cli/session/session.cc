#include "cli/session/session.h"

#include "base/encoding.h"
#include "base/text.h"
#include "wire/problem.h"

namespace holdfast::cli {
namespace {

/// Answers come from a service that proved itself; the limits keep a broken one from filling the memory.
constexpr json::Limits kAnswerLimits{.bytes_max = kServiceAnswerBytesMax, .depth_max = 24, .nodes_max = 2'000'000};
constexpr std::size_t kDetailBytesMax = 800;

Next next_of(int status) {
  switch (status) {
    case 401:
    case 403: return Next::Denied;
    case 404: return Next::NotFound;
    case 409:
    case 412: return Next::Conflict;
    case 429: return Next::Exhausted;
    case 500: return Next::Corrupt;
    default: return status > 500 ? Next::Retry : Next::Rejected;
  }
}

/// The attempt before is still under way there.
bool is_being_served(const ServiceAnswer& answer) {
  const auto problem =
      answer.status == 409 ? wire::Problem::decode(answer.body) : Result<wire::Problem>(wire::Problem());
  return problem && problem->reason == "idempotency-key-in-use";
}

}  // namespace

const Option& config_option() {
  static const Option kOption{.name = "--config",
                              .value = "FILE",
                              .help = "what login left [HOLDFAST_CONFIG, else ~/.config/holdfast/config.json]"};
  return kOption;
}

Result<std::string> config_file(const World& world, const Arguments& arguments) {
  if (arguments.has("--config")) return arguments.text("--config");
  if (world.config_file) return *world.config_file;
  return fail(Next::Rejected, kUsageWrong,
              "expected --config FILE, HOLDFAST_CONFIG or HOME to say where the configuration is, saw none of them");
}

Result<Blob> accepted(ServiceAnswer answer) {
  if (answer.status >= 200 && answer.status < 300) return std::move(answer.body);
  const auto problem = wire::Problem::decode(answer.body);
  if (!problem) return fail(next_of(answer.status), kServiceRefused, cat("the service answered ", answer.status));
  return fail(next_of(answer.status), kServiceRefused,
              cat(printable(problem->detail, kDetailBytesMax), " [", printable(problem->reason, 60), "]"));
}

Result<json::Value> parse_answer(Bytes body) {
  auto value = json::parse(body, kAnswerLimits);
  if (!value) return fail(Next::Corrupt, kServiceAnswerMalformed, std::move(value).error().message);
  return value;
}

Result<Session> Session::open(World& world, const Arguments& arguments) {
  std::string file = TRY(config_file(world, arguments));
  const auto bytes = world.files.read_private(file, kConfigBytesMax);
  if (!bytes && bytes.error().next == Next::NotFound) {
    return fail(Next::Denied, kNotLoggedIn,
                cat("expected a configuration in ", printable(file), ", saw none; begin with holdfast login"));
  }
  if (!bytes) return std::unexpected(bytes.error());
  auto config = parse_config(bytes->expose());
  if (!config) return fail_within(printable(file), std::move(config).error());
  return Session(world, std::move(file), *std::move(config));
}

Result<void> Session::save() { return world_->files.write(file_, dump_config(config_).expose(), Access::OwnerOnly); }

ServiceCall Session::call_of(std::string_view method, std::string path) const {
  return ServiceCall{.url = config_.url,
                     .service_ca_sha256 = config_.service_ca_sha256,
                     .method = std::string(method),
                     .path = std::move(path),
                     .token = config_.token.clone()};
}

/// A lost connection leaves open whether a POST was done. Under one key it is done once, however often it is sent.
Result<ServiceAnswer> Session::answer_to(const ServiceCall& call) {
  for (int attempt = 1;; ++attempt) {
    auto answer = world_->service.call(call);
    const bool is_worth_it = answer ? is_being_served(*answer) : answer.error().next == Next::Retry;
    if (call.idempotency_key.empty() || !is_worth_it || attempt == kAttemptsMax) return answer;
    if (!world_->pause(kBetweenAttempts)) return answer;
  }
}

Result<json::Value> Session::send(ServiceCall call) {
  if (call.method == "POST") call.idempotency_key = to_hex(ports::random_array<16>(world_->random));
  if (trace_.empty()) trace_ = wire::trace_from(ports::random_array<wire::kTraceBytes>(world_->random));
  call.trace = trace_;
  ServiceAnswer answer = TRY(answer_to(call));
  const bool is_its_fault = answer.status >= 500;
  auto body = accepted(std::move(answer));
  if (!body && is_its_fault) body.error().message += cat("; its log says more under trace ", trace_);
  return parse_answer(TRY(std::move(body)));
}

Result<json::Value> Session::exchange(std::string_view method, const std::string& path, const json::Value* body) {
  ServiceCall call = call_of(method, path);
  if (body != nullptr) call.body = to_blob(as_bytes(json::dump(*body)));
  return send(std::move(call));
}

Result<json::Value> Session::post_text(const std::string& path, std::string content_type, Blob body) {
  ServiceCall call = call_of("POST", path);
  call.content_type = std::move(content_type);
  call.body = std::move(body);
  return send(std::move(call));
}

Result<json::Value> Session::put_bytes(const std::string& path, Blob body, std::string content_type) {
  ServiceCall call = call_of("PUT", path);
  call.content_type = std::move(content_type);
  call.body = std::move(body);
  return send(std::move(call));
}

Result<json::Array> Session::list(const std::string& path, Listing listing) {
  json::Array all;
  for (std::size_t page = 0; page < kPagesMax; ++page) {
    json::Value answer = TRY(exchange(
        listing.method, with_query(path, {{"after", listing.after}, {"limit", std::string(listing.page_size)}}),
        listing.body));
    const json::Value* items = answer.find("items");
    if (items == nullptr || items->array() == nullptr) {
      return fail(Next::Corrupt, kServiceAnswerMalformed, cat("expected a list at ", path, ", saw ", answer.kind()));
    }
    for (const json::Value& item : *items->array()) {
      if (all.size() < listing.limit) all.push_back(item);
    }
    if (listing.limit < kItemsMax && all.size() == listing.limit) return all;
    const json::Value* next = answer.find("next");
    if (next == nullptr || next->text() == nullptr || next->text()->empty()) return all;
    if (all.size() >= kItemsMax) break;
    listing.after = *next->text();
  }
  return fail(Next::Exhausted, kServiceAnswerMalformed, cat("expected an end of the list at ", path, ", saw none"));
}

}  // namespace holdfast::cli
