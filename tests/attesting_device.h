// A device that attests in tests: it boots into a list of measurements, and its keys make real TPM structures over
// them. Everything that an attacker could change is a member to change before `evidence()` is taken.
#pragma once

#include <algorithm>
#include <string>

#include "base/check.h"
#include "trust/appraisal/appraise.h"
#include "trust/eventlog/log.h"
#include "trust/eventlog/writer.h"
#include "trust/tpm/signature.h"
#include "trust/tpm/verify.h"
#include "trust/x509/request.h"

namespace holdfast {

struct Measurement {
  std::uint8_t pcr;
  std::string text;  ///< its SHA-256 is what is measured
};
using Boot = std::vector<Measurement>;

inline constexpr std::uint32_t kMeasuredAs = trust::eventlog::kEvIpl;

inline Blob log_of(const Boot& boot) {
  trust::eventlog::LogWriter writer;
  for (const Measurement& one : boot) writer.append(one.pcr, kMeasuredAs, as_bytes(one.text));
  return writer.bytes();
}

/// PCR 0 to 15 after the log, SHA-256.
inline std::vector<Digest256> pcrs_after(Bytes log) {
  const auto parsed = trust::eventlog::parse(log);
  CHECK_INVARIANT(parsed);
  const auto replay = trust::eventlog::replay(*parsed, trust::crypto::HashAlgorithm::Sha256);
  CHECK_INVARIANT(replay);
  std::vector<Digest256> out(trust::appraisal::kPcrsQuoted);
  for (std::size_t pcr = 0; pcr < out.size(); ++pcr) std::ranges::copy(replay->pcrs[pcr], out[pcr].begin());
  return out;
}

inline trust::appraisal::ReferenceSet reference_set(std::string component, std::string version, const Boot& events,
                                                    std::int64_t security_version = 1) {
  trust::appraisal::ReferenceSet out{std::move(component), std::move(version), security_version, {}, {}};
  for (const Measurement& one : events) {
    out.events.push_back({one.pcr, trust::crypto::sha256(as_bytes(one.text)), one.text});
  }
  return out;
}

class AttestingDevice {
 public:
  struct TlsKey {
    trust::crypto::PrivateKey key;
    Blob public_area;
    Blob attest;
    Blob signature;
    Blob request;
  };

  explicit AttestingDevice(const Boot& boot)
      : ak(key_of(1)),
        ak_area(trust::tpm::attestation_key_area(ak.public_key())),
        client(tls_key(2)),
        update(tls_key(3)),
        event_log(log_of(boot)),
        pcr_values(pcrs_after(event_log)) {
    nonce.fill(0x5A);
    sign();
  }

  /// Signs what the members say, over the nonce and the body.
  void sign() {
    const Digest256 qualifying = trust::appraisal::qualifying_data(nonce, body);
    quote = trust::tpm::marshal(attest_of(qualifying, trust::tpm::QuoteInfo{selections, pcr_digest()}));
    quote_signature = signature_over(quote);
    for (TlsKey* one : {&client, &update}) certify(*one, qualifying);
  }

  trust::appraisal::Evidence evidence() const {
    trust::appraisal::Evidence out;
    out.nonce = nonce;
    out.quote = quote;
    out.quote_signature = quote_signature;
    out.pcr_values = pcr_values;
    out.client_key = {client.public_area, client.attest, client.signature, client.request};
    out.update_key = {update.public_area, update.attest, update.signature, update.request};
    out.body = body;
    out.event_log = event_log;
    for (const auto& [component, version] : running) out.running.push_back({component, version});
    for (const auto& [component, version] : floors) out.floors.push_back({component, version});
    return out;
  }

  trust::appraisal::Expectations expectations(const std::vector<const trust::appraisal::ReferenceSet*>& allowed) const {
    trust::appraisal::Expectations out;
    out.attestation_key = &ak_area;
    out.nonce = nonce;
    out.allowed = allowed;
    return out;
  }

  static trust::crypto::PrivateKey key_of(std::uint8_t seed) {
    auto key = trust::crypto::PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, Blob(48, seed));
    CHECK_INVARIANT(key);
    return *std::move(key);
  }

  static TlsKey tls_key(std::uint8_t seed) {
    TlsKey out{key_of(seed), {}, {}, {}, {}};
    out.public_area = trust::tpm::tls_key_area(out.key.public_key()).bytes;
    const Blob wish = trust::x509::request_to_be_signed(out.key.public_key(), "", "");
    out.request = trust::x509::assemble_request(wish, *out.key.sign(trust::crypto::HashAlgorithm::Sha256, wish));
    return out;
  }

  Blob signature_over(Bytes attest) const {
    const Blob der = *ak.sign(trust::crypto::HashAlgorithm::Sha256, attest);
    return trust::tpm::marshal(*trust::tpm::tpm_signature_from_der(trust::crypto::HashAlgorithm::Sha256, der, 32));
  }

  void certify(TlsKey& key, const Digest256& qualifying) const {
    const Blob name = trust::tpm::name_of(*trust::tpm::parse_public_area(key.public_area));
    key.attest = trust::tpm::marshal(attest_of(qualifying, trust::tpm::CertifyInfo{name, name}));
    key.signature = signature_over(key.attest);
  }

  trust::crypto::PrivateKey ak;
  trust::tpm::PublicArea ak_area;
  TlsKey client;
  TlsKey update;
  Blob event_log;
  std::vector<Digest256> pcr_values;
  Digest256 nonce{};
  Blob body = to_blob(as_bytes("the rest of the evidence"));
  std::vector<std::pair<std::string, std::string>> running;
  std::vector<std::pair<std::string, std::int64_t>> floors = {};
  trust::tpm::ClockInfo clock{.clock_ms = 10'000'000, .reset_count = 5, .restart_count = 1, .safe = true};
  std::vector<trust::tpm::PcrSelection> selections{{trust::crypto::HashAlgorithm::Sha256, 0xFFFF}};
  Blob quote;
  Blob quote_signature;

 private:
  Blob pcr_digest() const {
    const Digest256 digest = trust::tpm::pcr_digest_of(pcr_values);
    return to_blob(digest);
  }

  trust::tpm::Attest attest_of(const Digest256& qualifying,
                               std::variant<trust::tpm::QuoteInfo, trust::tpm::CertifyInfo> attested) const {
    trust::tpm::Attest out;
    out.qualified_signer = Blob(34);
    out.extra_data = to_blob(qualifying);
    out.clock_info = clock;
    out.attested = std::move(attested);
    return out;
  }
};

}  // namespace holdfast
