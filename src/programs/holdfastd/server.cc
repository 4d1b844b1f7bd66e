#include "programs/holdfastd/server.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <mutex>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"
#include "linux/http/server.h"
#include "linux/images/image_folder.h"
#include "linux/system/files.h"
#include "linux/system/random.h"
#include "linux/wait/periodic.h"
#include "programs/holdfastd/exchange.h"
#include "programs/holdfastd/log.h"
#include "programs/holdfastd/metrics.h"
#include "programs/holdfastd/open_store.h"
#include "programs/holdfastd/open_token.h"
#include "programs/holdfastd/owner_link.h"
#include "programs/holdfastd/service_key.h"
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
constexpr Reason kServiceStarting{"service-starting"};

/// A thread waits for each answer of a database that is another process; more of them than cores keep the cores busy.
constexpr unsigned kThreadsWithDatabase = 16;

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

Result<std::vector<ports::AddressRange>> ranges_of(const std::vector<std::string>& texts) {
  std::vector<ports::AddressRange> out;
  for (const std::string& text : texts) out.push_back(TRY(ports::parse_address_range(text)));
  return out;
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

constexpr ports::Counter kRefused{
    "holdfast_refused_total", "Connections and requests that the listeners refused, by reason.", {"reason", ""}};

Error starting() { return {Next::Retry, kServiceStarting, "expected a service that has begun, saw one that begins"}; }

std::string_view word_of(service::Port port) {
  switch (port) {
    case service::Port::Device: return "device";
    case service::Port::Management: return "management";
    case service::Port::Est: return "est";
  }
  return "";
}

/// An owner's link pins the CA by its digest, so operators are sent the CA too; devices hold it.
linux::tls::Identity shown_at(service::Port port, const service::startup::ServerIdentity& identity) {
  linux::tls::Identity out{{identity.certificate}, identity.key.clone()};
  if (port == service::Port::Management) out.chain.push_back(identity.service_ca);
  return out;
}

/// Operators show tokens; devices, and what speaks EST, may show certificates.
linux::tls::AcceptorOptions tls_at(service::Port port) {
  linux::tls::AcceptorOptions out;
  if (port != service::Port::Management) out.client_certificate = linux::tls::ClientCertificate::Requested;
  if (port == service::Port::Est) {
    out.versions = linux::tls::Versions::Tls12AndTls13;
    out.sessions_max = 0;
  }
  return out;
}

class Server final : public RunningServer {
 public:
  explicit Server(ports::Clock& clock) : clock_(clock) {}

  Result<void> start(const ServerOptions& options) {
    TRY(system::make_private_directory(options.folder));
    database_is_remote_ = options.database.has_value();
    log_.set_format(options.log_format);
    logs_requests_ = options.log_requests;
    auto opened = TRY(open_store(options.folder, options.database));
    store_ = std::move(opened.store);
    activity_ = std::move(opened.activity);
    auto service_key = TRY(find_service_key(options.folder, options.service_key_file, random_));
    if (options.keys) token_ = TRY(open_token(*options.keys, options.token_pin_file, options.folder, service_key.key));
    keyring_ = std::make_unique<service::Keyring>(std::move(service_key.key), random_, token_.get());
    settings_.check_in_every = options.check_in_every;
    settings_.webhook_allow = TRY(ranges_of(options.webhook_allow));
    proxies_ = TRY(ranges_of(options.proxies));
    images_ = std::make_unique<linux::images::ImageFolder>(options.images.value_or(options.folder / "images"));
    deps_.emplace(*store_, random_, *keyring_, issuers_, documents_, settings_, metrics_, *images_);
    gateway_ = std::make_unique<service::gateway::Gateway>(*deps_);
    TRY(service::startup::require_whole(*deps_));
    TRY(require_service_key(service_key));
    names_ = names_of(options.names);
    const auto identity = TRY(service::startup::server_identity(*deps_, names_, clock_.wall_time()));
    devices_ = TRY(listen(service::Port::Device, TRY(parse_address(options.device_address)), identity));
    management_ = TRY(listen(service::Port::Management, TRY(parse_address(options.management_address)), identity));
    if (options.est_address) {
      est_ = TRY(listen(service::Port::Est, TRY(parse_address(*options.est_address)), identity));
    }
    TRY(settle_settings(options));
    webhooks_ = std::make_unique<WebhookThreads>(*deps_, clock_);
    add_metrics();
    ready_.store(true, std::memory_order_release);
    shown_ = identity.certificate;
    renewal_.emplace(options.certificate_checked_every, [this] { renew(); });
    log_catch_up_.emplace(Log::kLineEvery, [this] { log_.catch_up(); });
    return announce(options, identity, service_key);
  }

  void stop() override {
    renewal_.reset();
    log_catch_up_.reset();
    for (auto* server : {&devices_, &management_, &est_}) {
      if (*server) (*server)->stop();
    }
    for (auto* server : {&devices_, &management_, &est_}) server->reset();
    webhooks_.reset();
  }

  std::uint16_t device_port() const override { return devices_->port(); }
  std::uint16_t management_port() const override { return management_->port(); }
  std::uint16_t est_port() const override { return est_ ? est_->port() : 0; }

  std::optional<Error> broken() override {
    const std::lock_guard lock(broken_lock_);
    return broken_;
  }

  ~Server() override { stop(); }

 private:
  Result<std::unique_ptr<http::Server>> listen(service::Port port, const Address& address,
                                               const service::startup::ServerIdentity& identity) {
    http::ListenerOptions options;
    options.threads = database_is_remote_ ? kThreadsWithDatabase : 0;
    options.address = address.host;
    options.port = address.port;
    options.identity = shown_at(port, identity);
    options.proxies = proxies_;
    options.refused = [this](const std::string& source, const Error& error) {
      metrics_.count(kRefused, error.reason.word());
      log_.refused(source, error);
    };
    options.tls = tls_at(port);
    auto handler = [this, port](http::Request request) { return serve(port, std::move(request)); };
    auto flush = [this](std::function<void(Result<void>)> done) {
      store_->flush([this, done = std::move(done)](Result<void> flushed) {
        if (!flushed) give_up_if_lost(flushed.error());
        done(std::move(flushed));
      });
    };
    return http::Server::start(options, clock_, std::move(handler), std::move(flush));
  }

  http::Response serve(service::Port port, http::Request request) {
    // A port of 0 is known only once its listener is up, and the settings name it.
    if (!ready_.load(std::memory_order_acquire)) return from_service(service::problem(starting()));
    const auto began = std::chrono::steady_clock::now();
    store_->forget_past();
    const service::Request asked = to_service(port, std::move(request));
    service::gateway::Served served;
    auto response = gateway_->handle(asked, clock_.wall_time(), served);
    const auto took = std::chrono::steady_clock::now() - began;
    metrics_.served(word_of(port), took);
    if (served.error && served.status >= 500) log_.trouble(asked, served);
    if (logs_requests_) log_.request(asked, served, std::chrono::duration_cast<Duration>(took));
    return from_service(std::move(response));
  }

  /// Connections that are open go on with the certificate that they were shown.
  void renew() {
    const auto renewed = present_newest();
    if (!renewed) log_.say(cat("the server certificate was not renewed: ", renewed.error().message));
  }

  Result<void> present_newest() {
    const auto identity = TRY(service::startup::server_identity(*deps_, names_, clock_.wall_time()));
    if (identity.certificate == shown_) return {};
    TRY(devices_->present(shown_at(service::Port::Device, identity)));
    TRY(management_->present(shown_at(service::Port::Management, identity)));
    if (est_) TRY(est_->present(shown_at(service::Port::Est, identity)));
    shown_ = identity.certificate;
    log_.say("the server certificate was renewed");
    return {};
  }

  /// After a disk error the store refuses everything until it is opened again: better to end and be started anew.
  void give_up_if_lost(const Error& error) {
    if (!is_lost_for_good(error)) return;
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

  /// A key that this start made for a database of another one is of no use to anybody.
  Result<void> require_service_key(const ServiceKey& found) {
    auto fits = service::startup::require_service_key(*deps_);
    if (!fits && found.was_made) TRY(system::remove_file(found.path));
    return fits;
  }

  Result<void> settle_settings(const ServerOptions& options) {
    management_url_ = options.management_url.value_or(url(options, *management_));
    settings_.device_urls = {options.device_url.value_or(url(options, *devices_))};
    settings_.crl_url = TRY(service::startup::settle(*deps_, "crl-url", settings_.device_urls.front()));
    return {};
  }

  Result<void> announce(const ServerOptions& options, const service::startup::ServerIdentity& identity,
                        const ServiceKey& service_key) {
    log_.say(cat("devices at ", settings_.device_urls.front(), ", management at ", management_url_,
                 est_ ? cat(", EST at ", url(options, *est_)) : std::string()));
    if (service_key.is_beside_data && !options.database) {
      log_.say(cat("warning: the service key lies in ", service_key.path.string(),
                   " beside the database; whoever copies the folder has both"));
    }
    if (service_key.was_made && options.database) {
      log_.say(cat("the service key is in ", service_key.path.string(),
                   "; give it to every process that shares the database, and keep a copy: without it the database's "
                   "keys are lost"));
    }
    for (const std::string& line : TRY(service::startup::keys_out_of_reach(*deps_))) log_.say(cat("warning: ", line));
    const auto secret = TRY(service::startup::owner_link(*deps_, clock_.wall_time()));
    if (!secret) return {};
    return hand_over_owner_link({management_url_, identity.service_ca, *secret}, options.folder,
                                options.owner_link_file);
  }

  void add_metrics() {
    add_process_sources(metrics_);
    const auto connections_at = [&](service::Port port, const http::Server& server) {
      metrics_.add({"holdfast_connections", "Open connections.", "gauge",
                    [&server] { return static_cast<double>(server.connections()); },
                    cat("port=\"", word_of(port), "\"")});
    };
    connections_at(service::Port::Device, *devices_);
    connections_at(service::Port::Management, *management_);
    if (est_) connections_at(service::Port::Est, *est_);
    const auto of_store = [&](const char* name, const char* help, std::uint64_t StoreActivity::* member) {
      metrics_.add({name, help, "counter", [this, member] { return static_cast<double>(activity_().*member); }});
    };
    of_store("holdfast_store_commits_total", "Transactions that changed something.", &StoreActivity::commits);
    of_store("holdfast_store_conflicts_total", "Transactions that ran again.", &StoreActivity::conflicts);
    of_store("holdfast_store_syncs_total", "Waits for the disk.", &StoreActivity::syncs);
    of_store("holdfast_store_acknowledged_total", "Answers that waited for the disk.", &StoreActivity::acknowledged);
  }

  ports::Clock& clock_;
  Metrics metrics_;
  std::unique_ptr<ports::ImageFiles> images_;
  Log log_{clock_};
  system::SystemRandom random_;
  service::identity::Issuers issuers_;
  service::appraise::Documents documents_;
  service::Settings settings_;
  std::atomic<bool> ready_ = false;
  std::mutex broken_lock_;
  std::optional<Error> broken_;
  std::vector<ports::AddressRange> proxies_;
  bool database_is_remote_ = false;
  bool logs_requests_ = false;
  std::unique_ptr<ports::Store> store_;
  std::function<StoreActivity()> activity_;
  std::unique_ptr<ports::Token> token_;
  std::unique_ptr<service::Keyring> keyring_;
  std::optional<service::Deps> deps_;
  std::unique_ptr<service::gateway::Gateway> gateway_;
  std::unique_ptr<http::Server> devices_;
  std::unique_ptr<http::Server> management_;
  std::unique_ptr<http::Server> est_;  ///< null where EST is not spoken
  std::unique_ptr<WebhookThreads> webhooks_;
  std::string management_url_;
  service::startup::ServerNames names_;
  Blob shown_;  ///< the certificate
  std::optional<linux::wait::Periodic> renewal_;
  std::optional<linux::wait::Periodic> log_catch_up_;
};

}  // namespace

Result<std::unique_ptr<RunningServer>> RunningServer::start(const ServerOptions& options, ports::Clock& clock) {
  auto server = std::make_unique<Server>(clock);
  TRY(server->start(options));
  return server;
}

}  // namespace holdfast::programs
