#include "base/check.h"
#include "bench/peers.h"
#include "bench/rows.h"
#include "sim/clock/virtual_clock.h"
#include "sim/random/seeded_random.h"
#include "sim/vault/soft_vault.h"
#include "trust/tpm/verify.h"

namespace holdfast::bench {

Result<Comparison> quote_verification() {
  sim::random::SeededRandom random(1);
  sim::clock::VirtualClock clock(WallTime::from_seconds(1'800'000'000));
  const auto vault = TRY(sim::vault::SoftVault::make(random, clock));
  const ports::VaultKey key = TRY(vault->create_key(ports::KeyUse::Attestation));
  const Digest256 qualifying_data = trust::crypto::sha256(as_bytes("nonce and body"));
  const ports::Attestation quote = TRY(vault->quote(key, qualifying_data)).attestation;
  return Comparison{
      .name = "quote-verification",
      .what = "quote verification",
      .against = "one ECDSA P-256 verify",
      .ratio_max = 1.2,
      // The key comes from the store as bytes, so decoding and judging it is part of the price.
      .subject =
          [key, quote, qualifying_data] {
            const auto area = trust::tpm::parse_public_area(key.public_area);
            CHECK_INVARIANT(area && trust::tpm::require_attestation_key(*area));
            CHECK_INVARIANT(trust::tpm::verify_quote(*area, quote.attest, quote.signature, qualifying_data));
          },
      .peer = p256_verify()};
}

}  // namespace holdfast::bench
