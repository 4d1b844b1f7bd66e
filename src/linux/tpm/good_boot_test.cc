// What a chip opens, for which boots, and when no more: with a chip of its own for each case.
#include "linux/tpm/good_boot.h"

#include "floor_words.h"
#include "linux/slots/file_floor.h"
#include "linux/tpm/tpm_floor.h"
#include "powered_tpm.h"
#include "signed_boots.h"
#include "trust/tpm/public_area.h"

namespace holdfast::linux::tpm {
namespace {

using tests::must;
using tests::reason;
using trust::tpm::BootState;

constexpr std::uint8_t kOwner = 7;
constexpr std::uint8_t kNextOwner = 8;

Digest256 digest(std::string_view text) { return trust::crypto::sha256(as_bytes(text)); }
Digest256 extended(std::string_view text) { return trust::crypto::sha256({Digest256{}, digest(text)}); }

/// A device whose firmware measures its keys and the system that it starts.
struct Device {
  tests::TemporaryFolder folder;
  tests::PoweredTpm chip;
  TpmVault vault{chip.connection_string()};

  explicit Device(const tests::Chips& both) : chip(both.one, folder.path() / "chip") {}

  void boot(std::string_view keys, std::string_view system) {
    vault.release();
    chip.power_cycle();
    auto platform = chip.platform();
    must(platform.extend(trust::tpm::kPcrOfKeys, digest(keys)));
    must(platform.extend(trust::tpm::kPcrOfSystem, digest(system)));
  }
  Result<void> raise_floor(std::int64_t version) {
    slots::FileFloor seen(folder.path() / "seen.json");
    slots::FileFloor beside(folder.path() / "beside.json");
    const auto word = vault_word_by(kOwner, "os", version);
    return TpmFloor(vault, seen, beside).raise("os", version, &word);
  }
};

GoodBoot good_boot(std::string_view system, std::int64_t version, std::uint8_t by = kOwner,
                   std::string_view keys = "our keys") {
  const BootState begin{extended(keys), extended(system)};
  return {.component = "os",
          .authority_sha256 = trust::crypto::sha256(holder(by).public_key().spki()),
          .words = seal_words_by(by, "os", version, begin)};
}

std::unique_ptr<Device> device() {
  tests::Chips* both = tests::chips();
  return both == nullptr ? nullptr : std::make_unique<Device>(*both);
}

struct Sealed {
  ports::VaultKey key;
  Secret secret;
};
Sealed sealed_in(Device& one) {
  const GoodBoot first = good_boot("os 1", 1);
  one.boot("our keys", "os 1");
  must(settle_floor_index(one.vault, first));
  auto key = must(make_secret(one.vault, first));
  auto secret = must(open_secret(one.vault, key, first));
  return {std::move(key), std::move(secret)};
}

}  // namespace

TEST_CASE("what is sealed opens in each good boot, of its system and of later ones, until the separator") {
  const auto one = device();
  if (!one) return;
  const auto sealed = sealed_in(*one);
  CHECK(must(open_secret(one->vault, sealed.key, good_boot("os 1", 1))).matches(sealed.secret.expose()));
  must(extend_separator(one->vault));
  CHECK(reason(open_secret(one->vault, sealed.key, good_boot("os 1", 1))) == "vault-closed");

  one->boot("our keys", "os 2");
  CHECK(must(open_secret(one->vault, sealed.key, good_boot("os 2", 2))).matches(sealed.secret.expose()));
}

TEST_CASE("it opens in no other boot, whatever words that has") {
  const auto one = device();
  if (!one) return;
  const auto sealed = sealed_in(*one);
  one->boot("our keys", "another system");
  CHECK(reason(open_secret(one->vault, sealed.key, good_boot("os 1", 1))) == "vault-closed");
  CHECK(reason(open_secret(one->vault, sealed.key, good_boot("another system", 9, kNextOwner))) == "vault-closed");
  one->boot("other keys", "os 1");
  CHECK(reason(open_secret(one->vault, sealed.key, good_boot("os 1", 1))) == "vault-closed");
  CHECK(reason(open_secret(one->vault, sealed.key, {})) == "vault-closed");
  auto other_component = good_boot("os 1", 1, kOwner, "other keys");
  other_component.component = "application";
  CHECK(reason(open_secret(one->vault, sealed.key, other_component)) == "vault-closed");
}

TEST_CASE("a system below the floor opens nothing, one at the floor does") {
  const auto one = device();
  if (!one) return;
  const auto sealed = sealed_in(*one);
  must(one->raise_floor(2));
  CHECK(reason(open_secret(one->vault, sealed.key, good_boot("os 1", 1))) == "vault-closed");
  one->boot("our keys", "os 2");
  CHECK(must(open_secret(one->vault, sealed.key, good_boot("os 2", 2))).matches(sealed.secret.expose()));
  // A word with a higher number than the authority signed is another word.
  one->boot("our keys", "os 1");
  auto lied = good_boot("os 1", 1);
  lied.words.security_version = 2;
  CHECK(reason(open_secret(one->vault, sealed.key, lied)) == "vault-closed");
}

TEST_CASE("a chip that was cleared opens nothing of before, ever again") {
  const auto one = device();
  if (!one) return;
  const auto sealed = sealed_in(*one);
  one->vault.release();
  must(one->chip.platform().clear());
  const GoodBoot boot = good_boot("os 1", 1);
  CHECK(reason(open_secret(one->vault, sealed.key, boot)) == "vault-key-foreign");
}

TEST_CASE("what somebody chose is no secret, though it is under the right policy") {
  const auto one = device();
  if (!one) return;
  const auto sealed = sealed_in(*one);
  CHECK_FALSE(sealed.secret.matches(
      must(open_secret(one->vault, must(make_secret(one->vault, good_boot("os 1", 1))), good_boot("os 1", 1)))
          .expose()));
  auto chosen = sealed.key;
  chosen.public_area[7] &= static_cast<std::uint8_t>(~0x20);  // sensitiveDataOrigin, of TPMA_OBJECT's last byte
  CHECK(reason(open_secret(one->vault, chosen, good_boot("os 1", 1))) == "vault-closed");
}

TEST_CASE("words of an authority that the command line does not name count for nothing") {
  const auto one = device();
  if (!one) return;
  const auto sealed = sealed_in(*one);
  auto planted = good_boot("os 1", 1, kNextOwner);
  planted.authority_sha256 = good_boot("os 1", 1).authority_sha256;
  CHECK(reason(open_secret(one->vault, sealed.key, planted)) == "vault-closed");
  CHECK(reason(make_secret(one->vault, planted)) == "vault-closed");
}

TEST_CASE("the floor that is there stays when its index is settled, and one of another authority does") {
  const auto one = device();
  if (!one) return;
  sealed_in(*one);
  must(one->raise_floor(3));
  must(settle_floor_index(one->vault, good_boot("os 1", 1)));
  CHECK(must(floor_in_chip(one->vault, "os")) == 3);
  must(settle_floor_index(one->vault, good_boot("os 1", 1, kNextOwner)));
  CHECK(must(floor_in_chip(one->vault, "os")) == 3);
}

TEST_CASE("a client key signs behind the separator of a good boot, and in no other") {
  const auto one = device();
  if (!one) return;
  const GoodBoot boot = good_boot("os 1", 1);
  one->boot("our keys", "os 1");
  must(settle_floor_index(one->vault, boot));
  one->vault.release();
  const auto key = [&] {
    TpmVault early(one->chip.connection_string(), boot);
    CHECK_FALSE(early.binds_client_keys());  // before the separator there is nothing to bind to
    must(extend_separator(early));
    CHECK(early.binds_client_keys());
    auto made = must(early.create_key(ports::KeyUse::Client));
    must(early.sign(made, digest("hello")));
    const auto attestation = must(early.create_key(ports::KeyUse::Attestation));
    must(early.certify(attestation, made, digest("nonce")));
    return made;
  }();
  const auto area = must(trust::tpm::parse_public_area(key.public_area));
  CHECK(area.auth_policy.size() == 32);
  must(trust::tpm::require_tls_key(area));
  CHECK(reason(one->vault.sign(key, digest("hello"))) == "vault-closed");
  one->vault.release();

  one->boot("our keys", "os 2");
  {
    TpmVault later(one->chip.connection_string(), good_boot("os 2", 2));
    CHECK(reason(later.sign(key, digest("hello"))) == "vault-closed");
    must(extend_separator(later));
    must(later.sign(key, digest("hello")));
  }
  one->boot("our keys", "another system");
  TpmVault other(one->chip.connection_string(), good_boot("os 2", 2));
  must(extend_separator(other));
  CHECK(reason(other.sign(key, digest("hello"))) == "vault-closed");
  CHECK_FALSE(other.binds_client_keys());
  const auto plain = must(other.create_key(ports::KeyUse::Client));
  CHECK(must(trust::tpm::parse_public_area(plain.public_area)).auth_policy.empty());
}

}  // namespace holdfast::linux::tpm
