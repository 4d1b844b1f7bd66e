// The contract of ports::Vault. One body, run against the soft vault and against a TPM behind swtpm: whatever the
// simulation proves about a device rests on both keeping it.
#include <doctest/doctest.h>

#include <random>

#include "trust/tpm/credential.h"
#include "trust/tpm/endorsement.h"
#include "trust/tpm/verify.h"
#include "trust/x509/certificate.h"
#include "vault_bench.h"

namespace holdfast::tests {
namespace {

namespace crypto = trust::crypto;
namespace tpm = trust::tpm;
using ports::KeyUse;
using ports::VaultKey;

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(std::string(result.error().reason.word()) << ": " << result.error().message);
  return std::move(*result);
}

template <class T>
std::string_view reason(const Result<T>& result) {
  return result ? "success" : result.error().reason.word();
}

constexpr Digest256 kData{0x5A, 0x01, 0x02};
constexpr Digest256 kSecret{0x77, 0x66, 0x55};

tpm::PublicArea area_of(const VaultKey& key) { return must(tpm::parse_public_area(key.public_area)); }

tpm::Credential credential_for(ports::Vault& vault, Bytes name) {
  const auto endorsement = must(tpm::parse_public_area(must(vault.endorsement_key()).public_area));
  std::random_device chance;
  Blob entropy(tpm::kCredentialEntropyBytes);
  for (std::uint8_t& byte : entropy) byte = static_cast<std::uint8_t>(chance());
  return must(tpm::make_credential(endorsement, name, kSecret, entropy));
}

tpm::ClockInfo clock_of(ports::Vault& vault, const VaultKey& attestation_key) {
  const auto quoted = must(vault.quote(attestation_key, kData));
  return must(tpm::parse_attest(quoted.attestation.attest)).clock_info;
}

TEST_CASE("the endorsement key is made from a TCG template and is the one of its certificate") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  const auto endorsement = must(bench->vault().endorsement_key());
  const auto area = must(tpm::parse_public_area(endorsement.public_area));
  CHECK(must(tpm::endorsement_area(area.key)).bytes == endorsement.public_area);
  if (endorsement.certificate) {
    const auto certificate = must(trust::x509::parse_certificate(*endorsement.certificate));
    CHECK(certificate.public_key().spki() == area.key.spki());
    REQUIRE(endorsement.chain.size() == 1);
    CHECK(equal(must(trust::x509::parse_certificate(endorsement.chain[0])).subject_der(), certificate.issuer_der()));
  }
  CHECK(must(bench->vault().endorsement_key()).public_area == endorsement.public_area);
}

TEST_CASE("created keys are fit for their use and new each time") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  const auto attestation = must(bench->vault().create_key(KeyUse::Attestation));
  const auto tls = must(bench->vault().create_key(KeyUse::Update));
  CHECK(tpm::require_attestation_key(area_of(attestation)));
  CHECK(tpm::require_tls_key(area_of(tls)));
  CHECK(must(bench->vault().create_key(KeyUse::Update)).public_area != tls.public_area);
}

TEST_CASE("a credential opens for the attestation key that it was made for, and for no other") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  ports::Vault& vault = bench->vault();
  const auto key = must(vault.create_key(KeyUse::Attestation));
  const auto credential = credential_for(vault, tpm::name_of(area_of(key)));
  const auto opened = must(vault.activate_credential(key, credential.credential_blob, credential.encrypted_secret));
  CHECK(opened.matches(kSecret));

  const auto other = must(vault.create_key(KeyUse::Attestation));
  CHECK(reason(vault.activate_credential(other, credential.credential_blob, credential.encrypted_secret)) ==
        "vault-refused");
  Blob changed = credential.credential_blob;
  changed.back() ^= 1;
  CHECK(reason(vault.activate_credential(key, changed, credential.encrypted_secret)) == "vault-refused");
  CHECK(reason(vault.activate_credential(key, {}, {})) == "vault-refused");
  CHECK(reason(vault.activate_credential(key, Blob(5000, 1), Blob(5000, 1))) == "vault-refused");
}

TEST_CASE("a credential made for another chip stays closed") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  const auto key = must(bench->vault().create_key(KeyUse::Attestation));
  const auto credential = credential_for(bench->other_vault(), tpm::name_of(area_of(key)));
  CHECK(reason(bench->vault().activate_credential(key, credential.credential_blob, credential.encrypted_secret)) ==
        "vault-refused");
}

TEST_CASE("a quote verifies under its key and covers PCR 0 to 15 as they are") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  const auto key = must(bench->vault().create_key(KeyUse::Attestation));
  const Digest256 event = crypto::sha256(as_bytes("an event"));
  bench->extend(11, event);
  const auto quoted = must(bench->vault().quote(key, kData));
  const auto quote =
      must(tpm::verify_quote(area_of(key), quoted.attestation.attest, quoted.attestation.signature, kData));
  REQUIRE(quoted.values.size() == 16);
  CHECK(quoted.values[11] == crypto::sha256({Digest256{}, event}));
  CHECK(quoted.values[12] == Digest256{});
  REQUIRE(quote->selections.size() == 1);
  CHECK(quote->selections[0] == tpm::PcrSelection{crypto::HashAlgorithm::Sha256, 0xFFFF});
  CHECK(equal(quote->pcr_digest, tpm::pcr_digest_of(quoted.values)));

  const Digest256 other_nonce{1};
  CHECK_FALSE(tpm::verify_quote(area_of(key), quoted.attestation.attest, quoted.attestation.signature, other_nonce));
}

TEST_CASE("a certification names the key that the vault holds") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  const auto key = must(bench->vault().create_key(KeyUse::Attestation));
  const auto tls = must(bench->vault().create_key(KeyUse::Update));
  const auto certified = must(bench->vault().certify(key, tls, kData));
  const auto certification = must(tpm::verify_certify(area_of(key), certified.attest, certified.signature, kData));
  CHECK(certification->name == tpm::name_of(area_of(tls)));
}

TEST_CASE("a TLS key signs digests of the three sizes that TLS has, and no others") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  using enum crypto::HashAlgorithm;
  const auto tls = must(bench->vault().create_key(KeyUse::Update));
  for (const auto hash : {Sha256, Sha384, Sha512}) {
    const Blob digest = crypto::hash(hash, {as_bytes("a transcript")});
    const Blob signature = must(bench->vault().sign(tls, digest));
    CHECK(area_of(tls).key.verify_digest(hash, digest, signature));
  }
  CHECK(reason(bench->vault().sign(tls, Blob(20, 1))) == "vault-refused");
  CHECK(reason(bench->vault().sign(tls, {})) == "vault-refused");
}

TEST_CASE("an attestation key signs only what the vault made, and a TLS key vouches for nothing") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  ports::Vault& vault = bench->vault();
  const auto attestation = must(vault.create_key(KeyUse::Attestation));
  const auto tls = must(vault.create_key(KeyUse::Update));
  CHECK(reason(vault.sign(attestation, kData)) == "vault-refused");
  CHECK(reason(vault.quote(tls, kData)) == "vault-refused");
  CHECK(reason(vault.certify(tls, attestation, kData)) == "vault-refused");
}

TEST_CASE("a key blob of another chip, or a changed one, is foreign") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  ports::Vault& vault = bench->vault();
  const auto key = must(vault.create_key(KeyUse::Update));
  const auto foreign = must(bench->other_vault().create_key(KeyUse::Update));
  CHECK(reason(vault.sign(foreign, kData)) == "vault-key-foreign");

  VaultKey changed = key;
  changed.private_blob.back() ^= 1;
  CHECK(reason(vault.sign(changed, kData)) == "vault-key-foreign");
  CHECK(reason(vault.sign({foreign.public_area, key.private_blob}, kData)) == "vault-key-foreign");
  CHECK(reason(vault.sign({key.public_area, {}}, kData)) == "vault-key-foreign");
  CHECK(reason(vault.sign({{}, key.private_blob}, kData)) == "vault-key-foreign");
  CHECK(reason(vault.sign({key.public_area, Blob(5000, 7)}, kData)) == "vault-key-foreign");
  CHECK(reason(vault.sign(key, kData)) == "success");
}

TEST_CASE("a power cycle starts the PCRs again, raises the reset count, and leaves keys and clock") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  const auto key = must(bench->vault().create_key(KeyUse::Attestation));
  bench->extend(0, kData);
  const auto before = clock_of(bench->vault(), key);
  bench->reset();
  const auto quoted = must(bench->vault().quote(key, kData));
  const auto after = must(tpm::parse_attest(quoted.attestation.attest)).clock_info;
  CHECK(quoted.values[0] == Digest256{});
  CHECK(after.reset_count == before.reset_count + 1);
  CHECK(after.restart_count == 0);
  CHECK(after.clock_ms >= before.clock_ms);
  CHECK(after.safe);
}

TEST_CASE("a clear kills every key and keeps the endorsement key") {
  const auto bench = make_vault_bench();
  if (!bench) return;
  const auto endorsement = must(bench->vault().endorsement_key());
  const auto attestation = must(bench->vault().create_key(KeyUse::Attestation));
  const auto tls = must(bench->vault().create_key(KeyUse::Update));
  bench->reset();
  bench->clear();
  CHECK(reason(bench->vault().quote(attestation, kData)) == "vault-key-foreign");
  CHECK(reason(bench->vault().sign(tls, kData)) == "vault-key-foreign");
  CHECK(must(bench->vault().endorsement_key()).public_area == endorsement.public_area);

  const auto again = must(bench->vault().create_key(KeyUse::Attestation));
  CHECK(clock_of(bench->vault(), again).reset_count == 0);
}

}  // namespace
}  // namespace holdfast::tests
