// Chips as one finds them: with leftovers of a process that died, without handles or certificates that others have,
// with a certificate that is not theirs, and gone in the middle.
#include <fstream>

#include "linux/tpm/tpm_vault.h"
#include "powered_tpm.h"
#include "trust/tpm/credential.h"

namespace holdfast::tests {
namespace {

using linux::system::has_program;
using linux::system::run_program;
using linux::tpm::TpmVault;
using ports::KeyUse;

constexpr Digest256 kData{0x5A};
constexpr std::chrono::seconds kToolTimeMax{30};

/// tpm2-tools stand for whoever else uses the chip. Returns what they print.
std::string tool(const PoweredTpm& chip, const TemporaryFolder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin() + 1, {"-T", chip.connection_string()});
  const auto log = folder.path() / "tool.log";
  must(run_program(arguments, log, kToolTimeMax));
  std::ifstream in(log);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A copy of the first chip that a test may wear out.
struct Worn {
  TemporaryFolder folder;
  PoweredTpm chip;
  explicit Worn(const Chips& both) : chip(both.one, folder.path() / "chip") {}
  std::string run(std::vector<std::string> arguments) { return tool(chip, folder, std::move(arguments)); }
};

std::unique_ptr<Worn> worn_chip() {
  Chips* both = chips();
  if (both == nullptr) return nullptr;
  if (!has_program("tpm2_getcap")) {
    skip_program("tpm2-tools are not installed");
    return nullptr;
  }
  return std::make_unique<Worn>(*both);
}

/// Everything that touches the endorsement key.
void check_activation(TpmVault& vault) {
  const auto area = must(trust::tpm::parse_public_area(must(vault.endorsement_key()).public_area));
  const auto key = must(vault.create_key(KeyUse::Attestation));
  const Blob name = trust::tpm::name_of(must(trust::tpm::parse_public_area(key.public_area)));
  const Blob entropy(trust::tpm::kCredentialEntropyBytes, 0x21);
  const auto credential = must(trust::tpm::make_credential(area, name, kData, entropy));
  const auto opened = must(vault.activate_credential(key, credential.credential_blob, credential.encrypted_secret));
  CHECK(opened.matches(kData));
}

TEST_CASE("nothing stays loaded after a burst, whether it went well or not") {
  const auto worn = worn_chip();
  if (!worn) return;
  TpmVault vault(worn->chip.connection_string());
  check_activation(vault);
  const auto key = must(vault.create_key(KeyUse::Attestation));
  for (int i = 0; i < 5; ++i) {
    CHECK(reason(vault.activate_credential(key, Blob(40, 1), Blob(256, 1))) == "vault-refused");
    CHECK(reason(vault.sign(key, kData)) == "vault-refused");
  }
  must(vault.quote(key, kData));
  vault.release();
  CHECK(worn->run({"tpm2_getcap", "handles-transient"}).empty());
  CHECK(worn->run({"tpm2_getcap", "handles-loaded-session"}).empty());
}

TEST_CASE("what a process that died left loaded is cleared away") {
  const auto worn = worn_chip();
  if (!worn) return;
  for (int i = 0; i < 3; ++i) {
    worn->run({"tpm2_createprimary", "-C", "o", "-G", "ecc"});
    worn->run({"tpm2_startauthsession", i == 1 ? "--policy-session" : "--hmac-session", "-S",
               (worn->folder.path() / "session").string()});
  }
  REQUIRE_FALSE(worn->run({"tpm2_getcap", "handles-transient"}).empty());
  TpmVault vault(worn->chip.connection_string());
  check_activation(vault);
}

TEST_CASE("an endorsement key that nobody made persistent is made again from its template") {
  const auto worn = worn_chip();
  if (!worn) return;
  const auto expected = must(TpmVault(worn->chip.connection_string()).endorsement_key());
  worn->run({"tpm2_evictcontrol", "-C", "o", "-c", "0x81010001"});
  TpmVault vault(worn->chip.connection_string());
  CHECK(must(vault.endorsement_key()).public_area == expected.public_area);
  check_activation(vault);
}

TEST_CASE("a chip without an RSA certificate is known by its P-384 endorsement key") {
  const auto worn = worn_chip();
  if (!worn) return;
  worn->run({"tpm2_nvundefine", "-C", "p", "0x01c00002"});
  TpmVault vault(worn->chip.connection_string());
  const auto area = must(trust::tpm::parse_public_area(must(vault.endorsement_key()).public_area));
  CHECK(area.key.kind() == trust::crypto::KeyKind::EcP384);
  check_activation(vault);

  worn->run({"tpm2_evictcontrol", "-C", "o", "-c", "0x81010016"});
  TpmVault again(worn->chip.connection_string());
  CHECK(must(again.endorsement_key()).public_area == area.bytes);
  check_activation(again);
}

TEST_CASE("a chip without any certificate has its RSA endorsement key") {
  const auto worn = worn_chip();
  if (!worn) return;
  const auto expected = must(TpmVault(worn->chip.connection_string()).endorsement_key());
  worn->run({"tpm2_nvundefine", "-C", "p", "0x01c00002"});
  worn->run({"tpm2_nvundefine", "-C", "p", "0x01c00016"});
  TpmVault vault(worn->chip.connection_string());
  const auto endorsement = must(vault.endorsement_key());
  CHECK_FALSE(endorsement.certificate);
  CHECK(endorsement.public_area == expected.public_area);
  check_activation(vault);
}

TEST_CASE("a chip that carries another chip's certificate is refused") {
  const auto worn = worn_chip();
  if (!worn) return;
  TpmVault other(chips()->other.connection_string());
  const Blob foreign = *must(other.endorsement_key()).certificate;
  worn->run({"tpm2_nvundefine", "-C", "p", "0x01c00002"});
  must(worn->chip.platform().provision_nv(0x01C00002, foreign));
  TpmVault vault(worn->chip.connection_string());
  CHECK(reason(vault.endorsement_key()) == "vault-interposed");
}

TEST_CASE("a chip that loses its power in a burst is unavailable and then usable again") {
  const auto worn = worn_chip();
  if (!worn) return;
  TpmVault vault(worn->chip.connection_string());
  const auto key = must(vault.create_key(KeyUse::Update));
  must(worn->chip.swtpm().power_off());
  CHECK(reason(vault.sign(key, kData)) == "vault-unavailable");
  CHECK(reason(vault.sign(key, kData)) == "vault-unavailable");
  must(worn->chip.swtpm().power_on());
  CHECK(reason(vault.sign(key, kData)) == "success");
  // Reset behind an open session: one failure, then a new session.
  worn->chip.power_cycle();
  CHECK(vault.sign(key, kData).error().next == Next::Retry);
  CHECK(reason(vault.sign(key, kData)) == "success");
}

TEST_CASE("a connection string that leads nowhere is unavailable") {
  CHECK(reason(TpmVault("swtpm:path=/nonexistent/socket").endorsement_key()) == "vault-unavailable");
  CHECK(reason(TpmVault("nonsense:").endorsement_key()) == "vault-unavailable");
}

}  // namespace
}  // namespace holdfast::tests
