// Blueprint 5 §9: what sits on the bus between us and the chip is not the chip.
#include <algorithm>

#include "interposer.h"
#include "linux/tpm/tpm_vault.h"
#include "powered_tpm.h"
#include "trust/tpm/credential.h"

namespace holdfast::tests {
namespace {

using linux::tpm::TpmVault;
using ports::KeyUse;

constexpr Digest256 kData{0x5A};
constexpr Digest256 kSecret{0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x99, 0x88};

constexpr std::uint32_t kNvReadPublic = 0x169;
constexpr std::uint32_t kNvRead = 0x14E;
constexpr std::uint32_t kReadPublic = 0x173;
constexpr std::uint32_t kCreatePrimary = 0x131;
constexpr std::uint32_t kActivateCredential = 0x147;
constexpr std::uint32_t kCertify = 0x148;
constexpr std::uint32_t kCreate = 0x153;
constexpr std::uint32_t kLoad = 0x157;
constexpr std::uint32_t kQuote = 0x158;
constexpr std::uint32_t kSign = 0x15D;

/// Tag, size and code of an answer.
constexpr std::size_t kHeaderBytes = 10;

std::string bus(const Chips& both) { return (both.folder.path() / "bus").string(); }
std::string connection_over(const Chips& both) { return "swtpm:path=" + bus(both); }

bool contains(Bytes bytes, Bytes part) { return !std::ranges::search(bytes, part).empty(); }

struct Keys {
  ports::VaultKey attestation;
  ports::VaultKey tls;
  trust::tpm::Credential credential;
};

Keys keys_of(Chips& both) {
  TpmVault vault(both.one.connection_string());
  Keys keys{must(vault.create_key(KeyUse::Attestation)), must(vault.create_key(KeyUse::Update)), {}};
  const auto area = must(trust::tpm::parse_public_area(must(vault.endorsement_key()).public_area));
  const auto signer = must(trust::tpm::parse_public_area(keys.attestation.public_area));
  const Blob entropy(trust::tpm::kCredentialEntropyBytes, 0x21);
  keys.credential = must(trust::tpm::make_credential(area, trust::tpm::name_of(signer), kSecret, entropy));
  return keys;
}

/// Why the operation that sends `command` fails.
std::string_view refusal(TpmVault& vault, const Keys& keys, std::uint32_t command) {
  switch (command) {
    case kCreatePrimary:
    case kCreate: return reason(vault.create_key(KeyUse::Update));
    case kQuote: return reason(vault.quote(keys.attestation, kData));
    case kCertify: return reason(vault.certify(keys.attestation, keys.tls, kData));
    case kActivateCredential:
      return reason(vault.activate_credential(keys.attestation, keys.credential.credential_blob,
                                              keys.credential.encrypted_secret));
    default: return reason(vault.sign(keys.tls, kData));
  }
}

TEST_CASE("an answer changed on the bus is not the chip's") {
  Chips* both = chips();
  if (both == nullptr) return;
  const Keys keys = keys_of(*both);
  for (const std::uint32_t command : {kCreatePrimary, kCreate, kLoad, kSign, kQuote, kCertify, kActivateCredential}) {
    CAPTURE(command);
    const auto flip = [&](std::uint32_t code, Blob& answer) {
      // The middle of the parameters: past sizes, before the session's own area.
      if (code == command && answer.size() > 2 * kHeaderBytes) answer[answer.size() / 2 - 8] ^= 1;
    };
    const Interposer interposer(bus(*both), both->one.swtpm().socket(), {.change = flip});
    TpmVault vault(connection_over(*both));
    CHECK(refusal(vault, keys, command) == "vault-interposed");
  }
}

TEST_CASE("an interposer with a chip of its own behind the certificate of ours is found out") {
  Chips* both = chips();
  if (both == nullptr) return;
  const auto to_own_chip = [&](std::uint32_t code) {
    return (code == kNvRead || code == kNvReadPublic ? both->one : both->other).swtpm().socket().string();
  };
  const Interposer interposer(bus(*both), both->one.swtpm().socket(), {.route = to_own_chip});
  TpmVault vault(connection_over(*both));
  CHECK(reason(vault.endorsement_key()) == "vault-interposed");
  CHECK(reason(vault.create_key(KeyUse::Attestation)) == "vault-interposed");
}

TEST_CASE("an interposer's endorsement key under the name of ours salts no session") {
  Chips* both = chips();
  if (both == nullptr) return;
  const auto swap_modulus = [&](std::uint32_t code, Blob& answer) {
    if ((code == kReadPublic || code == kCreatePrimary) && answer.size() > 300) answer[200] ^= 1;
  };
  const Interposer interposer(bus(*both), both->one.swtpm().socket(), {.change = swap_modulus});
  TpmVault vault(connection_over(*both));
  CHECK(reason(vault.endorsement_key()) == "vault-interposed");
}

TEST_CASE("PCRs that are extended between a quote and its reading are quoted again, a few times") {
  Chips* both = chips();
  if (both == nullptr) return;
  const Keys keys = keys_of(*both);
  for (const int extensions : {1, 100}) {
    both->one.power_cycle();
    int left = extensions;
    const auto extend = [&](std::uint32_t code, Blob&) {
      if (code == kQuote && left-- > 0) must(both->one.platform().extend(10, kData));
    };
    const Interposer interposer(bus(*both), both->one.swtpm().socket(), {.change = extend});
    TpmVault vault(connection_over(*both));
    CHECK(reason(vault.quote(keys.attestation, kData)) == (extensions == 1 ? "success" : "vault-unavailable"));
  }
}

TEST_CASE("a secret crosses the bus encrypted") {
  Chips* both = chips();
  if (both == nullptr) return;
  const Keys keys = keys_of(*both);
  const Interposer interposer(bus(*both), both->one.swtpm().socket(), {});
  TpmVault vault(connection_over(*both));
  const auto opened = must(
      vault.activate_credential(keys.attestation, keys.credential.credential_blob, keys.credential.encrypted_secret));
  REQUIRE(opened.matches(kSecret));
  CHECK(contains(interposer.seen(), keys.credential.encrypted_secret));
  CHECK_FALSE(contains(interposer.seen(), Bytes(kSecret).first(8)));
}

}  // namespace
}  // namespace holdfast::tests
