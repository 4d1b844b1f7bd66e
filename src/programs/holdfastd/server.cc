#include "programs/holdfastd/server.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <mutex>

#include "base/encoding.h"
#include "base/text.h"
#include "linux/http/server.h"
#include "linux/store/sqlite/connection.h"
#include "linux/store/sqlite/database.h"
#include "linux/system/clock.h"
#include "linux/system/files.h"
#include "linux/system/random.h"
#include "programs/holdfastd/owner_link.h"
#include "programs/holdfastd/webhook_threads.h"
#include "service/appraise/documents.h"
#include "service/gateway/gateway.h"
#include "service/identity/issuers.h"
#include "service/startup/startup.h"

namespace holdfast::programs {
namespace {

namespace http = linux::http;
namespace system = linux::system;

constexpr Reason kAddressMalformed{"address-malformed"};

struct Address {
  std::string host;
  std::uint16_t port;
};

Result<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  if (colon == std::string::npos || std::from_chars(text.data() + colon + 1, end, port).ptr != end) {
    return fail(Next::Rejected, kAddressMalformed, cat("expected an address such as 127.0.0.1:8443, saw '", text, "'"));
  }
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return Address{std::move(host), port};
}

/// The service key lies beside the database, for its owner's eyes only.
Result<Secret> service_key(const std::filesystem::path& folder, ports::Random& random) {
  const auto path = folder / "service.key";
  auto key = system::read_secret_file(path, service::kServiceKeyBytes);
  if (key || key.error().next != Next::NotFound) return key;
  Secret made = ports::random_secret(random, service::kServiceKeyBytes);
  TRY(system::create_file(path, made.expose(), system::FileMode::Private));
  return made;
}

service::startup::ServerNames names_of(const std::vector<std::string>& names) {
  service::startup::ServerNames out;
  for (const std::string& name : names) {
    const bool is_address =
        name.find_first_not_of("0123456789.") == std::string::npos || name.find(':') != std::string::npos;
    (is_address ? out.addresses : out.dns_names).push_back(name);
  }
  return out;
}

service::Request to_service(service::Port port, const http::Request& request) {
  service::Request out{.port = port,
                       .method = request.method,
                       .path = request.path,
                       .query = request.query,
                       .authorization = {},
                       .body = request.body,
                       .source = request.source_address,
                       .client_certificate = request.client_certificate};
  if (const std::string* value = request.header("authorization")) out.authorization = *value;
  return out;
}

http::Response from_service(service::Response response) {
  http::Response out{
      .status = response.status, .content_type = std::move(response.content_type), .body = std::move(response.body)};
  out.durable = response.durable;
  // Nothing here is a page, and an answer is its caller's own and not for a cache unless it says so.
  const std::string cacheable = response.fresh_for
                                    ? cat("public, max-age=", std::chrono::floor<seconds>(*response.fresh_for).count())
                                    : "no-store";
  out.headers = {{"cache-control", cacheable}, {"x-content-type-options", "nosniff"}};
  if (response.retry_after) {
    out.headers.emplace_back("retry-after", cat(std::chrono::duration_cast<seconds>(*response.retry_after).count()));
  }
  return out;
}

class Server final : public RunningServer {
 public:
  Result<void> start(const ServerOptions& options) {
    TRY(system::make_private_directory(options.folder));
    database_ = TRY(linux::store::sqlite::Database::open({.path = (options.folder / "holdfast.sqlite").string()},
                                                         ports::migrations()));
    keyring_ = std::make_unique<service::Keyring>(TRY(service_key(options.folder, random_)), random_);
    for (const std::string& range : options.webhook_allow) {
      settings_.webhook_allow.push_back(TRY(ports::parse_address_range(range)));
    }
    deps_.reset(new service::Deps{*database_, random_, *keyring_, issuers_, documents_, settings_});
    gateway_ = std::make_unique<service::gateway::Gateway>(*deps_);
    const auto identity = TRY(service::startup::server_identity(*deps_, names_of(options.names), clock_.wall_time()));
    devices_ = TRY(listen(service::Port::Device, TRY(parse_address(options.device_address)), identity));
    management_ = TRY(listen(service::Port::Management, TRY(parse_address(options.management_address)), identity));
    TRY(settle_settings(options));
    webhooks_ = std::make_unique<WebhookThreads>(*deps_, clock_);
    ready_.store(true, std::memory_order_release);
    return announce(options, identity);
  }

  void stop() override {
    if (devices_) devices_->stop();
    if (management_) management_->stop();
    devices_.reset();
    management_.reset();
    webhooks_.reset();
  }

  std::optional<Error> broken() override {
    const std::lock_guard lock(broken_lock_);
    return broken_;
  }

  ~Server() override { stop(); }

 private:
  Result<std::unique_ptr<http::Server>> listen(service::Port port, const Address& address,
                                               const service::startup::ServerIdentity& identity) {
    http::ListenerOptions options;
    options.address = address.host;
    options.port = address.port;
    options.identity.chain = {identity.certificate};
    options.identity.key = identity.key.clone();
    // An owner's link pins the CA by its digest, so operators are sent the CA too; devices hold it.
    if (port == service::Port::Management) options.identity.chain.push_back(identity.service_ca);
    if (port == service::Port::Device) options.tls.client_certificate = linux::tls::ClientCertificate::Requested;
    auto handler = [this, port](const http::Request& request) {
      // A port of 0 is known only once its listener is up, and the settings name it.
      if (!ready_.load(std::memory_order_acquire)) return http::Response{.status = 503};
      return from_service(gateway_->handle(to_service(port, request), clock_.wall_time()));
    };
    auto flush = [this](std::function<void(Result<void>)> done) {
      database_->flush([this, done = std::move(done)](Result<void> flushed) {
        if (!flushed) give_up_if_lost(flushed.error());
        done(std::move(flushed));
      });
    };
    return http::Server::start(options, clock_, std::move(handler), std::move(flush));
  }

  /// After a disk error the store refuses everything until it is opened again: better to end and be started anew.
  void give_up_if_lost(const Error& error) {
    if (error.reason != linux::store::sqlite::kStoreDiskFailed) return;
    const std::lock_guard lock(broken_lock_);
    if (broken_) return;
    broken_ = error;
    ::kill(::getpid(), SIGTERM);
  }

  std::string url(const ServerOptions& options, const http::Server& server) const {
    const std::string& name = options.names.front();
    const bool is_ipv6 = name.find(':') != std::string::npos;
    return cat("https://", is_ipv6 ? "[" : "", name, is_ipv6 ? "]" : "", ":", server.port());
  }

  Result<void> settle_settings(const ServerOptions& options) {
    settings_.device_urls = {url(options, *devices_)};
    settings_.crl_url = TRY(service::startup::settle(*deps_, "crl-url", settings_.device_urls.front()));
    return {};
  }

  Result<void> announce(const ServerOptions& options, const service::startup::ServerIdentity& identity) {
    std::fprintf(stderr, "holdfastd: devices at %s, management at %s\n", settings_.device_urls.front().c_str(),
                 url(options, *management_).c_str());
    std::fprintf(stderr,
                 "holdfastd: warning: the service key lies in %s beside the database; whoever copies the folder has "
                 "both\n",
                 (options.folder / "service.key").c_str());
    const auto secret = TRY(service::startup::owner_link(*deps_, clock_.wall_time()));
    if (!secret) return {};
    return hand_over_owner_link({url(options, *management_), identity.service_ca, *secret}, options.folder,
                                options.owner_link_file);
  }

  system::SystemClock clock_;
  system::SystemRandom random_;
  service::identity::Issuers issuers_;
  service::appraise::Documents documents_;
  service::Settings settings_;
  std::atomic<bool> ready_ = false;
  std::mutex broken_lock_;
  std::optional<Error> broken_;
  std::unique_ptr<linux::store::sqlite::Database> database_;
  std::unique_ptr<service::Keyring> keyring_;
  std::unique_ptr<service::Deps> deps_;
  std::unique_ptr<service::gateway::Gateway> gateway_;
  std::unique_ptr<http::Server> devices_;
  std::unique_ptr<http::Server> management_;
  std::unique_ptr<WebhookThreads> webhooks_;
};

}  // namespace

Result<std::unique_ptr<RunningServer>> RunningServer::start(const ServerOptions& options) {
  auto server = std::make_unique<Server>();
  TRY(server->start(options));
  return server;
}

}  // namespace holdfast::programs
