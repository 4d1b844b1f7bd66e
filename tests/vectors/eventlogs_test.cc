// Event logs of real machines (google/go-attestation, google/go-tpm-tools): each parses, replays to the PCRs of its
// machine, and does no harm when it is cut or changed.
#include <doctest/doctest.h>

#include "base/encoding.h"
#include "trust/eventlog/log.h"
#include "trust/eventlog/writer.h"
#include "vectors/folder.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::eventlog;
using crypto::HashAlgorithm;

namespace {

/// `replayed` is SHA-256 over the 24 PCRs of every bank, banks in the log's order. tpm2_eventlog 5.4 computes the same
/// values, save PCR 0 of three logs, where it ignores the startup locality or extends informative events; there ours
/// are the values that go-tpm-tools publishes with the logs.
struct RealLog {
  std::string_view file;
  std::size_t events;
  std::string_view replayed;
};
constexpr RealLog kRealLogs[] = {
    {"coreos_36_shielded_vm_no_secure_boot_eventlog", 76,
     "7d9b1df6ae656a5c4b319db17b3fc4212753d6c91ee34c3568d44af344f48ee2"},
    {"crypto_agile_eventlog", 27, "32a46b4f10fb7214838586071a9cf8b04a418f1824f5d890bed208a3dc659470"},
    {"ebs_event_missing_eventlog", 38, "5029a594d53702b57ad04cfdee97a413149fe175e8b4406077bccbf8a4d47e59"},
    {"gtt-arch-linux-workstation.bin", 25, "318ee9f1ed07825b2e82532bce243655081c0bb3ba2b183addf8d3fca2144dfb"},
    {"gtt-confidential-gke-debug-251000_eventlog.bin", 55,
     "54c33657f79eb7cc82c7ccdbf87423a43796fdc0058e8eb968e5b65e7583fad2"},
    {"gtt-cos-101-amd-sev.bin", 49, "b92e9013d6273fe292a877e48cf5f62c38bcec8e1fa3ccc711bf767e92874900"},
    {"gtt-cos-85-amd-sev.bin", 46, "842816eb3e55cd80402c07752dd705b969ba9f5b7662ed7e4c0213bae4d84a4a"},
    {"gtt-cos-93-amd-sev.bin", 46, "79943801d68b27eaa3efa5ade87f2870913d1261203f8bcb4f8296efe537b375"},
    {"gtt-debian-10.bin", 25, "ac4be73cdb92b36710f401fcd6bde3c144fdbef91e1ed867b5fc2979c98ae822"},
    {"gtt-eventlogwithsp800155.bin", 54, "87b64f2fca33832fbcd8cae0684f6ab99400a68f2a6cf7e63d91054a24f476db"},
    {"gtt-glinux-alex.bin", 29, "7787030c386f851ad6396d928aeb27206d9f71fcb7fee280e19f4a70ccb8e500"},
    {"gtt-ubuntu-1804-amd-sev.bin", 88, "e32081c18bae9b67d173cd5d913f8e375e06e529f75c0a8b906df843d82141ac"},
    {"gtt-ubuntu-2104-no-dbx.bin", 112, "03d458f395525e9669212f5b75df48ce44b6939c71e0a56a12af12aa6c587865"},
    {"gtt-ubuntu-2104-no-secure-boot.bin", 106, "247ccca7ba19f962afd3f52b313333305ea99538c8776588ed5f7f541ad080c8"},
    {"gtt-ubuntu-2404-amd-sevsnp.bin", 117, "780b5a339a0c03bad1930d457094d5ca5be61fdd55ab53b43f2d4ebe8ceff441"},
    {"sb_cert_eventlog", 15, "ff4c9290f70218acebe4f3e3e96bec92863dedb5c3f47336882717db18908148"},
    {"short_no_action_eventlog", 1, "d0a82dd6bbe732a24f7ac89a9a45e5e1c9e25cf1bc2fcd7d745edfa3aa71330c"},
};

std::string replayed(const Log& log) {
  Blob all;
  for (const HashAlgorithm bank : log.algorithms) {
    const auto replay_of_bank = replay(log, bank);
    REQUIRE(replay_of_bank);
    for (const Blob& pcr : replay_of_bank->pcrs) all.insert(all.end(), pcr.begin(), pcr.end());
  }
  return to_hex(crypto::sha256(all));
}

void describe_all(const Log& log) {
  for (const Event& event : log.events) {
    const std::string text = describe(event);
    CHECK(text.starts_with("EV_"));
    CHECK(text.find_first_of("\n\r\x1b") == std::string::npos);
  }
}

}  // namespace

TEST_CASE("every real log parses and replays to its machine's PCRs") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  for (const RealLog& real : kRealLogs) {
    CAPTURE(real.file);
    const auto log = parse(read_vector(folder / real.file));
    REQUIRE(log);
    CHECK(log->events.size() == real.events);
    CHECK(replayed(*log) == real.replayed);
    describe_all(*log);
  }
}

TEST_CASE("a log of the folder that nobody described parses or is refused with a reason") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().string();
    CAPTURE(file);
    const auto log = parse(read_vector(entry.path()));
    CHECK((log || !log.error().message.empty()));
  }
}

TEST_CASE("two machines' PCR 0: with informative SP 800-155 events, and with a startup locality") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  const auto pcr0 = [&](const char* file) {
    return to_hex(replay(*parse(read_vector(folder / file)), HashAlgorithm::Sha256)->pcrs[0]);
  };
  CHECK(pcr0("gtt-eventlogwithsp800155.bin") == "d0c70a9310cd0b55767084333022ce53f42befbb69c059ee6c0a32766f160783");
  CHECK(pcr0("gtt-glinux-alex.bin") == "0e5ea849d7647a1ac1becc096fee4df98f00f8015f934afadaab0b8aa20b38a5");
}

TEST_CASE("the short log of one informative event parses as SHA-1 with its startup locality") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  const auto log = parse(read_vector(folder / "short_no_action_eventlog"));
  REQUIRE(log);
  CHECK(log->format == LogFormat::Sha1);
  CHECK(log->startup_locality == 3);
  CHECK(replay(*log, HashAlgorithm::Sha1)->extended == 0);
}

TEST_CASE("a real log written again as SHA-256 alone replays to the same PCRs") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  for (const RealLog& real : kRealLogs) {
    const auto log = parse(read_vector(folder / real.file));
    const auto original = replay(*log, HashAlgorithm::Sha256);
    if (!original) continue;  // a SHA-1 log
    LogWriter writer;
    for (std::size_t i = 1; i < log->events.size(); ++i) writer.append(log->events[i]);
    const auto again = parse(writer.bytes());
    REQUIRE(again);
    CHECK(replay(*again, HashAlgorithm::Sha256)->pcrs == original->pcrs);
  }
}

TEST_CASE("a real log cut short or changed in one bit is judged, never crashed on") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  constexpr std::size_t kStride = 101;
  for (const RealLog& real : kRealLogs) {
    const Blob bytes = read_vector(folder / real.file);
    for (std::size_t at = 0; at < bytes.size(); at += kStride) {
      if (const auto cut = parse(Bytes(bytes).first(at))) CHECK(cut->events.size() < real.events);
      Blob changed = bytes;
      changed[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
      if (const auto log = parse(changed)) describe_all(*log);
    }
  }
}
