#include "update/static_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::tests {

StaticServer::StaticServer(Speaks version)
    : is_old_(version == Speaks::Http10), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_INVARIANT(::bind(listener_, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0);
  CHECK_INVARIANT(::listen(listener_, 16) == 0);
  threads_.emplace_back([this] { accept_all(); });
}

StaticServer::~StaticServer() {
  ::shutdown(listener_, SHUT_RDWR);
  threads_.front().join();
  for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
  for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
  for (const int connection : connections_) ::close(connection);
  ::close(listener_);
}

std::string StaticServer::url() const {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  CHECK_INVARIANT(::getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size) == 0);
  return cat("http://127.0.0.1:", ntohs(own.sin_port));
}

void StaticServer::put(std::string path, Blob content) {
  const std::lock_guard hold(lock_);
  files_.insert_or_assign(std::move(path), std::move(content));
}

void StaticServer::remove(const std::string& path) {
  const std::lock_guard hold(lock_);
  files_.erase(path);
}

void StaticServer::say(std::string raw) {
  const std::lock_guard hold(lock_);
  raw_ = std::move(raw);
}

std::size_t StaticServer::asked(const std::string& path) {
  const std::lock_guard hold(lock_);
  return asked_[path];
}

/// Only this thread adds connections and threads; the destructor looks at them once it has ended.
void StaticServer::accept_all() {
  for (int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); connection >= 0;
       connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) {
    connections_.push_back(connection);
    threads_.emplace_back([this, connection] { serve(connection); });
  }
}

void StaticServer::serve(int connection) {
  std::string received;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(connection, buffer, sizeof buffer, 0)) > 0;) {
    received.append(buffer, static_cast<std::size_t>(got));
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const std::string answer = answer_to(received.substr(0, end));
    received.erase(0, end + 4);
    if (::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
    if (is_old_) ::shutdown(connection, SHUT_WR);
  }
}

std::string StaticServer::answer_to(const std::string& head) {
  const std::size_t from = head.find(' ') + 1;
  const std::string path = head.substr(from, head.find(' ', from) - from);
  const std::lock_guard hold(lock_);
  ++asked_[path];
  if (!raw_.empty()) return raw_;
  const auto file = files_.find(path);
  const std::string version = is_old_ ? "HTTP/1.0" : "HTTP/1.1";
  if (file == files_.end()) {
    const std::string page(2000, '.');
    return cat(version, " 404 Not Found\r\nContent-Length: ", page.size(), "\r\n\r\n", page);
  }
  return cat(version, " 200 OK\r\nContent-Length: ", file->second.size(), "\r\n\r\n", as_text(file->second));
}

}  // namespace holdfast::tests
