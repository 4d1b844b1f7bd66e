#include "linux/door/datagram.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/door/message.h"

namespace holdfast::linux::door {
namespace {

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kDoorFailed, cat("expected to ", what, " the door, saw: ", std::strerror(errno)));
}

struct Control {
  alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(int))] = {};
};

}  // namespace

Result<void> send_datagram(int door, Bytes bytes, int opened) {
  iovec part{.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
  Control control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (opened >= 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof opened);
    std::memcpy(CMSG_DATA(header), &opened, sizeof opened);
  }
  if (::sendmsg(door, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == std::ssize(bytes)) return {};
  return failed("write to");
}

Result<Datagram> receive_datagram(int door) {
  Datagram out{Blob(kDoorBytesMax), system::Descriptor()};
  iovec part{.iov_base = out.bytes.data(), .iov_len = out.bytes.size()};
  Control control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = CMSG_LEN(sizeof(int));  // with its padding it would have room for two
  const ssize_t size = ::recvmsg(door, &message, MSG_CMSG_CLOEXEC);
  if (size < 0) return failed("read from");
  out.bytes.resize(static_cast<std::size_t>(size));
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int))) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(header), sizeof number);
    out.opened = system::Descriptor(number);
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) return out;
  return fail(Next::Rejected, kDoorMalformed, cat("expected a message of at most ", kDoorBytesMax, " bytes, saw more"));
}

Result<Blob> receive_bytes(int door) {
  Blob out(kDoorBytesMax);
  const ssize_t size = ::recv(door, out.data(), out.size(), MSG_TRUNC);
  if (size < 0) return failed("read from");
  if (size > std::ssize(out)) {
    return fail(Next::Rejected, kDoorMalformed,
                cat("expected a message of at most ", out.size(), " bytes, saw ", size));
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace holdfast::linux::door
