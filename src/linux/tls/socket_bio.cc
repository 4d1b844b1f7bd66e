#include <sys/socket.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "base/check.h"
#include "linux/tls/openssl_held.h"
#include "linux/tls/socket_bio_held.h"

namespace holdfast::linux::tls {
namespace {

int socket_of(BIO* bio) { return static_cast<int>(std::bit_cast<std::intptr_t>(BIO_get_data(bio))); }

bool is_worth_retrying(ssize_t done) { return done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR); }

int send_bytes(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(socket_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (is_worth_retrying(sent)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int receive_bytes(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = recv(socket_of(bio), into, static_cast<std::size_t>(size), 0);
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

BIO* make_socket_bio(int socket) {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, std::bit_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace holdfast::linux::tls
