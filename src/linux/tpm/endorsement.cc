#include "linux/tpm/endorsement_held.h"

#include "base/encoding.h"
#include "base/text.h"
#include "linux/tpm/areas_held.h"
#include "trust/tpm/endorsement.h"
#include "trust/x509/certificate.h"

namespace holdfast::linux::tpm {

namespace {

struct Place {
  TPM2_HANDLE certificate;  ///< NV index (EK Credential Profile §2.2.1.4, §2.2.1.5)
  TPM2_HANDLE persistent;
};
constexpr Place kPlaces[] = {{0x01C00002, 0x81010001}, {0x01C0000A, 0x81010002}, {0x01C00016, 0x81010016}};

/// EK certificate chain (EK Credential Profile §2.2.1.5.2): concatenated DER over as many indexes as it takes.
constexpr TPM2_HANDLE kChainFirst = 0x01C00100;
constexpr TPM2_HANDLE kChainLast = 0x01C001FF;
constexpr std::size_t kChainCertificatesMax = 8;
constexpr std::size_t kRsaKeyBytes = 256;

/// The first DER element of bytes that may go on behind it: chips pad their NV indexes. Empty where there is none.
Bytes first_element(Bytes bytes) {
  constexpr std::uint8_t kSequence = 0x30;
  constexpr std::uint8_t kTwoLengthBytes = 0x82;
  if (bytes.size() < 4 || bytes[0] != kSequence || bytes[1] != kTwoLengthBytes) return {};
  const std::size_t size = 4 + (std::size_t{bytes[2]} << 8 | bytes[3]);
  return size <= bytes.size() ? bytes.first(size) : Bytes{};
}

}  // namespace

Result<std::vector<Blob>> read_endorsement_chain(Connection& connection) {
  Blob stored;
  for (const TPM2_HANDLE index : TRY(connection.handles_from(kChainFirst))) {
    if (index > kChainLast) break;
    const auto part = TRY(connection.read_nv(index));
    if (part) stored.insert(stored.end(), part->begin(), part->end());
  }
  std::vector<Blob> chain;
  Bytes rest = stored;
  while (chain.size() < kChainCertificatesMax) {
    const Bytes certificate = first_element(rest);
    if (certificate.empty()) break;
    chain.push_back(to_blob(certificate));
    rest = rest.subspan(certificate.size());
  }
  return chain;
}

namespace {

Result<Loaded> create_from_template(Connection& connection, const trust::tpm::PublicArea& area) {
  const TPM2B_PUBLIC wanted = TRY(endorsement_template(area));
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  ESYS_TR handle = ESYS_TR_NONE;
  TRY(done(Esys_CreatePrimary(connection.esys(), ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                              &sensitive, &wanted, &outside, &pcrs, &handle, nullptr, nullptr, nullptr, nullptr),
           "TPM2_CreatePrimary"));
  return Loaded(connection.esys(), handle);
}

Result<Blob> name_of(Connection& connection, const Loaded& object) {
  Owned<TPM2B_NAME> name;
  TRY(done(Esys_TR_GetName(connection.esys(), object.handle(), Out(name)), "name"));
  return Blob(name->name, name->name + name->size);
}

/// An area with some RSA-2048 key, for a template, which blanks it.
Result<trust::tpm::PublicArea> rsa_area() {
  const Blob modulus(kRsaKeyBytes, 0xFF);
  return trust::tpm::endorsement_area(TRY(trust::crypto::PublicKey::from_rsa(modulus, 65537)));
}

Result<Endorsement> certified(const Place& place, Bytes stored) {
  const Bytes der = first_element(stored);
  const auto parsed = trust::x509::parse_certificate(der);
  if (!parsed) return fail_within("endorsement certificate", parsed.error());
  trust::tpm::PublicArea area = TRY(trust::tpm::endorsement_area(parsed->public_key()));
  return Endorsement{{area.bytes, to_blob(der), {}}, area, place.persistent};
}

Result<Endorsement> without_certificate(Connection& connection) {
  const Loaded made = TRY(create_from_template(connection, TRY(rsa_area())));
  Owned<TPM2B_PUBLIC> read;
  TRY(done(Esys_ReadPublic(connection.esys(), made.handle(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, Out(read),
                           nullptr, nullptr),
           "TPM2_ReadPublic"));
  Blob bytes = TRY(bytes_of(read->publicArea));
  trust::tpm::PublicArea area = TRY(trust::tpm::parse_public_area(bytes));
  return Endorsement{{std::move(bytes), std::nullopt, {}}, std::move(area), kPlaces[0].persistent};
}

}  // namespace

Result<Endorsement> find_endorsement(Connection& connection) {
  for (const Place& place : kPlaces) {
    const auto stored = TRY(connection.read_nv(place.certificate));
    if (stored) return certified(place, *stored);
  }
  return without_certificate(connection);
}

Result<Loaded> load_endorsement(Connection& connection, const Endorsement& endorsement) {
  const Blob expected = trust::tpm::name_of(endorsement.area);
  ESYS_TR handle = ESYS_TR_NONE;
  const TSS2_RC code = Esys_TR_FromTPMPublic(connection.esys(), endorsement.persistent, ESYS_TR_NONE, ESYS_TR_NONE,
                                             ESYS_TR_NONE, &handle);
  if (!refused_handle(code)) {
    TRY(done(code, "TPM2_ReadPublic"));
    Loaded kept(connection.esys(), handle, Loaded::Kind::Persistent);
    if (TRY(name_of(connection, kept)) == expected) return kept;
  }
  // Some owners keep another key there; the template makes the chip's own again.
  Loaded made = TRY(create_from_template(connection, endorsement.area));
  const Blob seen = TRY(name_of(connection, made));
  if (seen == expected) return made;
  return fail(
      Next::Denied, ports::kVaultInterposed,
      cat("expected the endorsement key of the chip's certificate, named ", to_hex(expected), ", saw ", to_hex(seen)));
}

}  // namespace holdfast::linux::tpm
