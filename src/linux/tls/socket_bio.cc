#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/check.h"
#include "linux/tls/openssl_held.h"
#include "linux/tls/socket_bio_held.h"

namespace holdfast::linux::tls {
namespace {

Line& line_of(BIO* bio) { return *static_cast<Line*>(BIO_get_data(bio)); }

bool is_worth_retrying(ssize_t done) { return done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR); }

/// What was gathered, then `more`. How much of `more` went; -1 with errno where none did.
ssize_t send_on(Line& line, Bytes more) {
  std::array<iovec, 2> parts{iovec{line.gathered.data(), line.gathered.size()},
                             iovec{const_cast<std::uint8_t*>(more.data()), more.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const ssize_t sent = ::sendmsg(line.socket, &message, MSG_NOSIGNAL);
  if (sent < 0) return sent;
  const auto count = static_cast<std::size_t>(sent);
  if (count < line.gathered.size()) {
    line.gathered.erase(line.gathered.begin(), line.gathered.begin() + sent);
    errno = EAGAIN;
    return -1;
  }
  const std::size_t before = std::exchange(line.gathered, {}).size();
  if (count == before && !more.empty()) {
    errno = EAGAIN;
    return -1;
  }
  return static_cast<ssize_t>(count - before);
}

ssize_t put_on(Line& line, Bytes bytes) {
  if (line.gathers) {
    line.gathered.insert(line.gathered.end(), bytes.begin(), bytes.end());
    return static_cast<ssize_t>(bytes.size());
  }
  if (!line.gathered.empty()) return send_on(line, bytes);
  return ::send(line.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

int send_bytes(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = put_on(line_of(bio), as_bytes({from, static_cast<std::size_t>(size)}));
  if (is_worth_retrying(sent)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int receive_bytes(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = recv(line_of(bio).socket, into, static_cast<std::size_t>(size), 0);
  if (is_worth_retrying(got)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default: return 0;
  }
}

const BIO_METHOD* method() {
  static const std::unique_ptr<BIO_METHOD, Freer<BIO_meth_free>> made = [] {
    std::unique_ptr<BIO_METHOD, Freer<BIO_meth_free>> fresh(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "holdfast socket"));
    CHECK_INVARIANT(fresh && BIO_meth_set_write(fresh.get(), send_bytes) == 1 &&
                    BIO_meth_set_read(fresh.get(), receive_bytes) == 1 && BIO_meth_set_ctrl(fresh.get(), control) == 1);
    return fresh;
  }();
  return made.get();
}

}  // namespace

Line::Sent Line::flush() {
  if (gathered.empty()) return Sent::All;
  const ssize_t sent = send_on(*this, {});
  if (is_worth_retrying(sent)) return Sent::Part;
  return sent < 0 ? Sent::Failed : Sent::All;
}

BIO* make_socket_bio(Line& line) {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &line);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace holdfast::linux::tls
