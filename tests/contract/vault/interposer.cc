#include "interposer.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "base/byte_io.h"
#include "base/check.h"

namespace holdfast::tests {
namespace {

constexpr std::size_t kMessageBytesMax = 8192;
constexpr int kPollMs = 50;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy_n(path.begin(), std::min(path.size(), sizeof(address.sun_path) - 1), address.sun_path);
  return address;
}

int listen_on(const std::string& path) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_INVARIANT(listener >= 0);
  const sockaddr_un address = address_of(path);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(listener, 4) != 0) {
    std::perror(path.c_str());
  }
  return listener;
}

int connect_to(const std::string& path) {
  const int out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_INVARIANT(out >= 0);
  const sockaddr_un address = address_of(path);
  if (connect(out, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) std::perror(path.c_str());
  return out;
}

void send_all(int to, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

/// One TPM command or answer: its size stands in bytes 2 to 5. Empty at the end of the connection.
Blob receive_message(int from) {
  Blob message(kMessageBytesMax);
  std::size_t have = 0;
  std::size_t want = 6;
  while (have < want) {
    const ssize_t got = recv(from, message.data() + have, message.size() - have, 0);
    if (got <= 0) return {};
    have += static_cast<std::size_t>(got);
    if (have >= 6) want = std::size_t{message[4]} << 8 | message[5];
  }
  message.resize(have);
  return message;
}

}  // namespace

std::uint32_t command_code(Bytes command) { return *ByteReader(command.subspan(6), Endian::Big, "command").u32(); }

struct Interposer::Held {
  std::string socket;
  std::string chip;
  Malice malice;
  int data_listener;
  int control_listener;
  mutable std::mutex mutex = {};
  Blob seen = {};
  std::jthread thread = {};

  void note(Bytes bytes) {
    const std::scoped_lock lock(mutex);
    seen.insert(seen.end(), bytes.begin(), bytes.end());
  }

  /// TSS opens a connection for each command.
  void relay_command(int client) {
    const Blob command = receive_message(client);
    if (command.size() < 10) return;
    note(command);
    const std::uint32_t code = command_code(command);
    const int upstream = connect_to(malice.route ? malice.route(code) : chip);
    send_all(upstream, command);
    Blob answer = receive_message(upstream);
    close(upstream);
    malice.change(code, answer);
    note(answer);
    send_all(client, answer);
  }

  void relay_control(int client) {
    const int upstream = connect_to(chip + ".ctrl");
    Blob buffer(kMessageBytesMax);
    const ssize_t asked = recv(client, buffer.data(), buffer.size(), 0);
    if (asked > 0) {
      send_all(upstream, Bytes(buffer).first(static_cast<std::size_t>(asked)));
      const ssize_t answered = recv(upstream, buffer.data(), buffer.size(), 0);
      if (answered > 0) send_all(client, Bytes(buffer).first(static_cast<std::size_t>(answered)));
    }
    close(upstream);
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting[] = {{data_listener, POLLIN, 0}, {control_listener, POLLIN, 0}};
      if (poll(waiting, 2, kPollMs) <= 0) continue;
      for (const pollfd& ready : waiting) {
        if ((ready.revents & POLLIN) == 0) continue;
        const int client = accept(ready.fd, nullptr, nullptr);
        ready.fd == data_listener ? relay_command(client) : relay_control(client);
        close(client);
      }
    }
  }
};

Interposer::Interposer(const std::string& socket, std::string chip, Malice malice)
    : held_(new Held{.socket = socket,
                     .chip = std::move(chip),
                     .malice = std::move(malice),
                     .data_listener = listen_on(socket),
                     .control_listener = listen_on(socket + ".ctrl")}) {
  held_->thread = std::jthread([held = held_.get()](const std::stop_token& stop) { held->run(stop); });
}

Interposer::~Interposer() {
  held_->thread.request_stop();
  held_->thread.join();
  close(held_->data_listener);
  close(held_->control_listener);
  unlink(held_->socket.c_str());
  unlink((held_->socket + ".ctrl").c_str());
}

Blob Interposer::seen() const {
  const std::scoped_lock lock(held_->mutex);
  return held_->seen;
}

}  // namespace holdfast::tests
