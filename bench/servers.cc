#include "bench/servers.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/ip_address.h"
#include "tls/certificates.h"
#include "trust/crypto/key.h"

namespace holdfast::bench {
namespace {

using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;

constexpr auto kStartMax = std::chrono::seconds(20);

pid_t start_program(const std::vector<std::string>& words, const std::filesystem::path& log) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out < 0) ::_exit(127);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  ::_exit(127);
}

/// Another program of the same build.
std::filesystem::path beside(std::string_view name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  return bound ? ntohs(address.sin_port) : 0;
}

std::string pem(std::string_view label, Bytes der) {
  const std::string text = to_base64(der);
  std::string out = cat("-----BEGIN ", label, "-----\n");
  for (std::size_t at = 0; at < text.size(); at += 64) out += cat(text.substr(at, 64), "\n");
  return out + cat("-----END ", label, "-----\n");
}

/// On the CPU so far: every thread of a process and of its children (nginx's workers).
std::int64_t cpu_of(pid_t pid) {
  std::int64_t out = 0;
  const std::filesystem::path tasks = cat("/proc/", pid, "/task");
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
    out += std::strtoll(text_of(task.path() / "schedstat").c_str(), nullptr, 10);
    const std::string children = text_of(task.path() / "children");
    for (const std::string_view child : split(children, ' ')) {
      if (!child.empty()) out += cpu_of(static_cast<pid_t>(std::strtol(std::string(child).c_str(), nullptr, 10)));
    }
  }
  return out;
}

}  // namespace

struct Servers::Held {
  test::KeyedCertificate ca;
  test::KeyedCertificate server;
  test::KeyedCertificate device;
  std::shared_ptr<const PrivateKey> device_key;
};

Result<std::shared_ptr<Servers>> Servers::get() {
  static std::weak_ptr<Servers> shared;
  if (auto there = shared.lock()) return there;
  std::shared_ptr<Servers> made(new Servers());
  TRY(made->start());
  shared = made;
  return made;
}

Result<void> Servers::start() {
  std::string pattern = cat(std::filesystem::temp_directory_path().string(), "/holdfast-bench.XXXXXX");
  if (::mkdtemp(pattern.data()) == nullptr)
    return fail(Next::Exhausted, kServerUnstarted, "expected a folder, saw none");
  folder_ = pattern;
  const WallTime now = clock_.wall_time();
  auto ca = test::make_ca("bench", now - hours(1), now + days(2));
  auto server = test::make_server(ca, now - hours(1), now + days(1));
  auto device = test::make_client(ca, "hf-bench", now - hours(1), now + days(1));
  auto key = std::make_shared<const PrivateKey>(TRY(PrivateKey::from_pkcs8(device.key.expose())));
  held_.reset(new Held{std::move(ca), std::move(server), std::move(device), std::move(key)});
  TRY(start_holdfastd());
  return start_nginx();
}

Result<void> Servers::start_holdfastd() {
  const auto program = beside("holdfastd");
  const auto log = folder_ / "holdfastd.log";
  holdfastd_ = start_program({program.string(), "--data", (folder_ / "service").string(), "--device-address",
                              "127.0.0.1:0", "--management-address", "127.0.0.1:0"},
                             log);
  const auto until = std::chrono::steady_clock::now() + kStartMax;
  while (std::chrono::steady_clock::now() < until) {
    const std::string said = text_of(log);
    constexpr std::string_view kLabel = "devices at https://127.0.0.1:";
    const std::size_t at = said.find(kLabel);
    if (said.find("ready") != std::string::npos && at != std::string::npos) {
      holdfastd_port_ = static_cast<int>(std::strtol(said.c_str() + at + kLabel.size(), nullptr, 10));
      return {};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return fail(Next::Exhausted, kServerUnstarted,
              cat("expected holdfastd to start, saw: ", printable(text_of(log), 300)));
}

Result<void> Servers::start_nginx() {
  nginx_port_ = free_port();
  write(folder_ / "server.pem", pem("CERTIFICATE", held_->server.certificate));
  write(folder_ / "server.key", pem("PRIVATE KEY", held_->server.key.expose()));
  const std::string folder = folder_.string();
  write(folder_ / "nginx.conf",
        cat("daemon off; user root; worker_processes 1; pid ", folder, "/nginx.pid; error_log ", folder,
            "/nginx.log; events { worker_connections 8192; }\n"
            "http { access_log off; keepalive_requests 1000000000;\n"
            "server { listen 127.0.0.1:",
            nginx_port_, " ssl; ssl_certificate ", folder, "/server.pem; ssl_certificate_key ", folder,
            "/server.key;\n"
            "ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256; ssl_ecdh_curve X25519;\n"
            "ssl_session_cache shared:bench:10m; ssl_session_tickets off; ssl_verify_client optional_no_ca;\n"
            "location /healthz { default_type application/json; add_header cache-control no-store;\n"
            "add_header x-content-type-options nosniff; return 200 '{\"status\":\"ok\"}'; } } }\n"));
  nginx_ = start_program({"nginx", "-p", folder, "-c", folder + "/nginx.conf"}, folder_ / "nginx.out");
  linux::net::Client probe(clock_, {});
  const auto until = std::chrono::steady_clock::now() + kStartMax;
  while (std::chrono::steady_clock::now() < until) {
    const auto answer = probe.exchange(call(Which::Nginx));
    if (answer && answer->status == 200) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return fail(Next::Exhausted, kServerUnstarted,
              cat("expected nginx to serve, saw: ", printable(text_of(folder_ / "nginx.out"), 300)));
}

linux::net::Call Servers::call(Which which) {
  const int port = which == Which::Holdfastd ? holdfastd_port_ : nginx_port_;
  linux::net::Call out{
      .service = cat("https://127.0.0.1:", port), .peer = linux::tls::PeerUnverified{}, .path = "/healthz"};
  // What a source may ask is limited; a thousand callers are a thousand sources.
  const unsigned caller = callers_++;
  out.from = *ports::parse_ip_address(cat("127.1.", caller / 250 % 250, ".", 1 + caller % 250));
  out.identity = linux::net::ClientKey{held_->device.certificate, [key = held_->device_key](Bytes digest) {
                                         return key->sign_digest(HashAlgorithm::Sha256, digest);
                                       }};
  return out;
}

Result<void> Servers::operate(std::vector<std::string> words) {
  words.insert(words.begin(), beside("holdfast").string());
  ::setenv("HOLDFAST_CONFIG", config().c_str(), 1);
  const auto log = folder_ / "holdfast.log";
  const pid_t child = start_program(words, log);
  int status = 0;
  if (::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Next::Rejected, kServerUnstarted,
              cat("expected holdfast ", words[1], " to succeed, saw: ", printable(text_of(log), 400)));
}

std::int64_t Servers::resident_bytes() const {
  const std::string statm = text_of(cat("/proc/", holdfastd_, "/statm"));
  const auto fields = split(statm, ' ');
  return fields.size() < 2 ? 0 : std::strtoll(std::string(fields[1]).c_str(), nullptr, 10) * ::sysconf(_SC_PAGESIZE);
}

std::int64_t Servers::cpu_ns() const { return cpu_of(holdfastd_) + cpu_of(nginx_); }

Servers::~Servers() {
  for (const pid_t pid : {nginx_, holdfastd_}) {
    if (pid <= 0) continue;
    ::kill(pid, SIGTERM);
    ::waitpid(pid, nullptr, 0);
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace holdfast::bench
