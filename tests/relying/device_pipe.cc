// A device that talks to a service which is not Holdfast: its certificates and keys are those that its agent was given
// and keeps in its TPM. Sends standard input over TLS 1.3, prints what comes back until the peer ends the connection.
//   device_pipe STATE TCTI client|update|none PORT [FILE]
// The leaf is sent with its issuing CA. With FILE it waits until there is one, and does it all again with the session
// that it was given the first time. Exit 0: the peer ended the connection; 1: it refused us; 2: something else.
#include <cstdio>
#include <filesystem>
#include <thread>

#include "device/record/records.h"
#include "linux/net/dial.h"
#include "linux/system/clock.h"
#include "linux/system/directory_disk.h"
#include "linux/tls/connector.h"
#include "linux/tpm/tpm_vault.h"

using namespace holdfast;

namespace {

constexpr Duration kPatience = seconds(60);
constexpr Reason kNoCertificate{"no-certificate"};
constexpr Reason kNobodyCame{"nobody-came"};

struct Order {
  std::string state;
  std::string tcti;
  std::string certificate;
  std::string port;
  std::filesystem::path again;
};

Result<std::optional<linux::tls::Identity>> identity_of(const Order& order, linux::tpm::TpmVault& vault) {
  if (order.certificate == "none") return std::nullopt;
  auto disk = TRY(linux::system::DirectoryDisk::open(order.state));
  device::record::Records records(disk);
  TRY(records.load());
  const auto& attested = records.get<device::record::Attested>();
  const auto& keys = records.get<device::record::TlsKeys>();
  const bool is_client = order.certificate == "client";
  const auto issued = !attested   ? std::nullopt
                      : is_client ? attested->result.client_certificate
                                  : attested->result.update_certificate;
  if (!keys || !issued)
    return fail(Next::NotFound, kNoCertificate, "expected a device with this certificate, saw none");
  const auto sign = [&vault, key = is_client ? keys->client : keys->update](Bytes digest) {
    return vault.sign(key, digest);
  };
  return linux::tls::Identity{{issued->certificate, issued->issuer}, linux::tls::SignDigest(sign)};
}

class Pipe {
 public:
  Pipe(int socket, linux::tls::Stream& stream, ports::Clock& clock) : socket_(socket), stream_(stream), clock_(clock) {}

  Result<void> shake_hands() {
    while (TRY(settled(TRY(stream_.handshake())))) {
    }
    return {};
  }
  Result<void> send(Bytes bytes) {
    while (!bytes.empty()) {
      const auto sent = TRY(stream_.write(bytes));
      bytes = bytes.subspan(sent.bytes);
      TRY(settled(sent.progress));
    }
    return {};
  }
  Result<void> print_all() {
    ByteArray<4096> buffer{};
    while (true) {
      const auto got = TRY(stream_.read(buffer));
      if (got.progress == linux::tls::Progress::Ended) return {};
      std::fwrite(buffer.data(), 1, got.bytes, stdout);
      std::fflush(stdout);
      TRY(settled(got.progress));
    }
  }

 private:
  /// Waits for what the step wants; false when it wants nothing.
  Result<bool> settled(linux::tls::Progress progress) {
    if (progress == linux::tls::Progress::Done || progress == linux::tls::Progress::Ended) return false;
    const bool writable = progress == linux::tls::Progress::WantsWrite;
    TRY(linux::net::wait_for_socket(socket_, writable, clock_, clock_.now() + kPatience));
    return true;
  }

  int socket_;
  linux::tls::Stream& stream_;
  ports::Clock& clock_;
};

Result<void> talk(linux::tls::Connector& connector, linux::tpm::TpmVault& vault, const Order& order, Bytes bytes) {
  linux::system::SystemClock clock;
  const auto address = TRY(linux::net::parse_service("https://127.0.0.1:" + order.port));
  const auto socket = TRY(linux::net::dial(address, clock, seconds(10)));
  auto stream = TRY(connector.connect(socket.number(), address.host, {clock.wall_time()}));
  Pipe pipe(socket.number(), stream, clock);
  TRY(pipe.shake_hands());
  vault.release();  // the device's agent may want its TPM while this connection stays open
  std::fprintf(stderr, "%s\n", stream.resumed() ? "resumed" : "connected");
  TRY(pipe.send(bytes));
  return pipe.print_all();
}

Result<void> run(const Order& order) {
  linux::tpm::TpmVault vault(order.tcti);
  const auto identity = TRY(identity_of(order, vault));
  const auto connector = TRY(linux::tls::Connector::make(linux::tls::PeerUnverified{}, identity));
  Blob bytes;
  for (int c = 0; (c = std::getchar()) != EOF;) bytes.push_back(static_cast<std::uint8_t>(c));
  TRY(talk(*connector, vault, order, bytes));
  if (order.again.empty()) return {};
  for (Duration waited{0}; !std::filesystem::exists(order.again); waited += Duration(50)) {
    if (waited > kPatience) return fail(Next::Retry, kNobodyCame, "expected to be told to begin again, saw nobody");
    std::this_thread::sleep_for(Duration(50));
  }
  return talk(*connector, vault, order, bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) return 2;
  const auto done = run({argv[1], argv[2], argv[3], argv[4], argc == 6 ? argv[5] : ""});
  if (done) return 0;
  std::fprintf(stderr, "%s (%s)\n", done.error().message.c_str(), std::string(done.error().reason.word()).c_str());
  const bool is_refused =
      done.error().reason == linux::tls::kTlsRefusedByPeer || done.error().reason == linux::tls::kTlsBroken;
  return is_refused ? 1 : 2;
}
