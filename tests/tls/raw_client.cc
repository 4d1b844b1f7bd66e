#include "tls/raw_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>

#include "base/check.h"

namespace holdfast::test {
namespace {

using linux::tls::Progress;
constexpr int kPatienceMs = 5'000;

/// The length of the answer at the front of `text`, or 0 while it is not complete.
std::size_t answer_length(const std::string& text, bool is_head) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  const std::size_t field = text.find("Content-Length: ");
  std::size_t body = 0;
  if (field < head && !is_head) body = std::stoul(text.substr(field + 16));
  return text.size() >= head + 4 + body ? head + 4 + body : 0;
}

}  // namespace

int connect_loopback(std::uint16_t port, const std::string& from) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  CHECK_INVARIANT(made >= 0 && inet_pton(AF_INET, from.c_str(), &own.sin_addr) == 1);
  CHECK_INVARIANT(::bind(made, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_INVARIANT(::connect(made, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  return made;
}

std::uint16_t port_of(int socket) {
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  CHECK_INVARIANT(::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) == 0);
  return ntohs(bound.sin_port);
}

RawClient::RawClient(linux::tls::Connector& connector, std::uint16_t port, const std::string& from,
                     std::string_view before)
    : socket_(connect_loopback(port, from)) {
  CHECK_INVARIANT(before.empty() || ::send(socket_, before.data(), before.size(), MSG_NOSIGNAL) >= 0);
  ::fcntl(socket_, F_SETFL, ::fcntl(socket_, F_GETFL) | O_NONBLOCK);
  auto stream = connector.connect(socket_, "localhost", {WallTime::from_seconds(::time(nullptr))});
  CHECK_INVARIANT(stream.has_value());
  stream_.emplace(std::move(*stream));
  for (;;) {
    const auto progress = stream_->handshake();
    if (!progress) return;
    if (*progress == Progress::Done) break;
    if (!wait(*progress)) return;
  }
  open_ = true;
}

RawClient::~RawClient() {
  stream_->close();
  stream_.reset();
  ::close(socket_);
}

bool RawClient::resumed() const { return stream_->resumed(); }

bool RawClient::wait(Progress progress) {
  pollfd wish{socket_, static_cast<short>(progress == Progress::WantsWrite ? POLLOUT : POLLIN), 0};
  return ::poll(&wish, 1, kPatienceMs) == 1;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = stream_->write(as_bytes(bytes));
    if (!put || put->progress == Progress::Ended) return false;
    bytes.remove_prefix(put->bytes);
    if (put->progress != Progress::Done && !wait(put->progress)) return false;
  }
  return true;
}

std::string RawClient::receive(int count, bool is_head) {
  std::string out;
  Blob buffer(16 * 1024);
  while (count > 0) {
    if (const std::size_t length = answer_length(left_, is_head)) {
      out += left_.substr(0, length);
      left_.erase(0, length);
      --count;
      continue;
    }
    const auto got = stream_->read(buffer);
    if (!got || got->progress == Progress::Ended) break;
    left_ += as_text(Bytes(buffer).first(got->bytes));
    if (got->progress != Progress::Done && !wait(got->progress)) break;
  }
  return out;
}

bool RawClient::is_closed_by_peer() {
  Blob buffer(1024);
  for (;;) {
    const auto got = stream_->read(buffer);
    if (!got || got->progress == Progress::Ended) return true;
    if (got->progress != Progress::Done && !wait(got->progress)) return false;
  }
}

std::string RawClient::get(const std::string& path) {
  if (!send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")) return "";
  return receive();
}

}  // namespace holdfast::test
