// Real machines' event logs on a TPM: each SHA-256 log is measured into swtpm as that machine's firmware did, quoted by
// the vault, and judged against a baseline taken from it. The same machine with one event changed, dropped or swapped
// boots, quotes honestly, and is update-only, and the finding names that event.
#include <doctest/doctest.h>

#include "attesting_device.h"
#include "base/encoding.h"
#include "linux/boot/boot_files.h"
#include "linux/system/program.h"
#include "linux/tpm/tpm_vault.h"
#include "linux/virtual_device/virtual_device.h"
#include "temporary_folder.h"
#include "vectors/folder.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::appraisal;
using crypto::HashAlgorithm;
using eventlog::Event;
using linux::tpm::TpmVault;
using linux::virtual_device::TpmMaker;
using linux::virtual_device::VirtualDevice;

namespace {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(std::string(result.error().reason.word()) << ": " << result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// One machine with a TPM, which boots whatever log it is given and attests like an agent.
class Machine {
 public:
  ~Machine() { [[maybe_unused]] const auto off = device_.swtpm().power_off(); }

  void boot(Bytes log) {
    vault_.release();
    must(device_.replay(log));
    if (keys_.empty()) make_keys();
  }

  Blob log_of_this_boot() { return must(linux::boot::BootFiles(device_.boot_files()).facts()).event_log; }

  /// The verdict when the device shows `log` beside its quote.
  Appraisal judged(const ReferenceSet& baseline, Bytes log) {
    const Blob body = to_blob(as_bytes("the rest of the evidence"));
    const Digest256 nonce{0x5A};
    const Digest256 qualifying = qualifying_data(nonce, body);
    const auto quoted = must(vault_.quote(keys_[0], qualifying));
    const auto client = must(vault_.certify(keys_[0], keys_[1], qualifying));
    const auto update = must(vault_.certify(keys_[0], keys_[2], qualifying));
    const auto area = must(tpm::parse_public_area(keys_[0].public_area));
    Evidence evidence;
    evidence.nonce = nonce;
    evidence.quote = quoted.attestation.attest;
    evidence.quote_signature = quoted.attestation.signature;
    evidence.pcr_values = quoted.values;
    evidence.client_key = {keys_[1].public_area, client.attest, client.signature, requests_[0]};
    evidence.update_key = {keys_[2].public_area, update.attest, update.signature, requests_[1]};
    evidence.body = body;
    evidence.event_log = log;
    Expectations expectations;
    expectations.attestation_key = &area;
    expectations.nonce = nonce;
    expectations.last_clock = clock_;
    expectations.allowed = {&baseline};
    Appraisal out = appraise(evidence, expectations, {});
    clock_ = out.clock;
    return out;
  }

 private:
  void make_keys() {
    keys_.push_back(must(vault_.create_key(ports::KeyUse::Attestation)));
    for (int i = 0; i < 2; ++i) {
      const auto key = must(vault_.create_key(ports::KeyUse::Update));
      const auto area = must(tpm::parse_public_area(key.public_area));
      const Blob wish = x509::request_to_be_signed(area.key, "", "");
      requests_.push_back(x509::assemble_request(wish, must(vault_.sign(key, crypto::sha256(wish)))));
      keys_.push_back(key);
    }
  }

  tests::TemporaryFolder folder_;
  VirtualDevice device_ = must(
      VirtualDevice::manufacture(folder_.path() / "device", must(TpmMaker::at(folder_.path() / "maker")), "machine"));
  TpmVault vault_{device_.swtpm().connection_string()};
  std::vector<ports::VaultKey> keys_;  ///< attestation, client, update
  std::vector<Blob> requests_;
  std::optional<tpm::ClockInfo> clock_;
};

Machine* machine() {
  if (!linux::system::has_program("swtpm") || !linux::system::has_program("swtpm_setup")) {
    skip_program("swtpm and swtpm_setup are not installed");
    return nullptr;
  }
  static Machine made;
  return &made;
}

bool is_judged(const Event& event) { return event.pcr < kPcrsQuoted && eventlog::extends(event); }
Bytes digest_of(const Event& event) { return eventlog::digest_of(event, HashAlgorithm::Sha256); }

Blob written(const std::vector<Event>& events) {
  eventlog::LogWriter writer;
  // The first one is the header, which the writer makes.
  for (std::size_t i = 1; i < events.size(); ++i) {
    const Event& event = events[i];
    if (eventlog::extends(event)) {
      writer.append(event);
    } else {
      writer.append(event.pcr, event.type, Digest256{}, event.data);
    }
  }
  return writer.bytes();
}

/// Two judged events of one PCR with different digests, from the middle of the log on.
std::optional<std::pair<std::size_t, std::size_t>> two_of_one_pcr(const std::vector<Event>& events) {
  for (std::size_t i = events.size() / 3; i < events.size(); ++i) {
    if (!is_judged(events[i])) continue;
    for (std::size_t j = i + 1; j < events.size(); ++j) {
      if (!is_judged(events[j]) || events[j].pcr != events[i].pcr) continue;
      if (!equal(digest_of(events[i]), digest_of(events[j]))) return std::pair{i, j};
    }
  }
  return std::nullopt;
}

bool names(const Appraisal& appraisal, const Event& event) {
  const std::string digest = to_hex(digest_of(event));
  return std::ranges::any_of(appraisal.findings, [&](const Finding& one) {
    return one.check == Check::EventsKnown && one.outcome == Outcome::Failed && one.pcr == event.pcr &&
           (one.expected.find(digest) != std::string::npos || one.seen.find(digest) != std::string::npos);
  });
}

void check_update_only(Machine& one, const std::vector<Event>& events, const ReferenceSet& baseline,
                       const Event& culprit) {
  one.boot(written(events));
  const Appraisal appraisal = one.judged(baseline, one.log_of_this_boot());
  CHECK(appraisal.verdict == Verdict::UpdateOnly);
  CHECK(names(appraisal, culprit));
}

/// Whether the log has SHA-256 digests to judge.
bool check_machine(Machine& one, Bytes bytes) {
  const auto log = eventlog::parse(bytes);
  const auto baseline = log ? reference_set_from_log({"firmware", "golden"}, 1, *log) : std::unexpected(log.error());
  if (!baseline) return false;
  one.boot(bytes);
  CHECK(one.judged(*baseline, one.log_of_this_boot()).verdict == Verdict::Healthy);

  const auto pair = two_of_one_pcr(log->events);
  REQUIRE(pair);
  const auto [first, second] = *pair;
  auto changed = log->events;
  for (auto& digest : changed[first].digests) digest.value[0] ^= 1;
  check_update_only(one, changed, *baseline, log->events[first]);
  auto dropped = log->events;
  dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(first));
  check_update_only(one, dropped, *baseline, log->events[first]);
  auto swapped = log->events;
  std::swap(swapped[first], swapped[second]);
  check_update_only(one, swapped, *baseline, log->events[first]);
  return true;
}

}  // namespace

TEST_CASE("a real machine's log on a TPM is healthy, and with one event changed, dropped or swapped update-only") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  Machine* one = machine();
  if (one == nullptr) return;
  int judged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().filename().string());
    judged += check_machine(*one, read_vector(entry.path())) ? 1 : 0;
  }
  CHECK(judged >= 10);
}

TEST_CASE("an honest machine's log shown in place of what was measured is refused") {
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return;
  Machine* one = machine();
  if (one == nullptr) return;
  const Blob honest = read_vector(folder / "gtt-arch-linux-workstation.bin");
  const auto baseline = must(reference_set_from_log({"firmware", "golden"}, 1, must(eventlog::parse(honest))));
  eventlog::LogWriter kit;
  kit.append(4, eventlog::kEvEfiBootServicesApplication, as_bytes("a boot kit"));
  one->boot(kit.bytes());
  CHECK(one->judged(baseline, honest).verdict == Verdict::Refused);
  CHECK(one->judged(baseline, kit.bytes()).verdict == Verdict::UpdateOnly);
}
