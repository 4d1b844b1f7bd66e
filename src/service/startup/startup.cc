#include "service/startup/startup.h"

#include <algorithm>

#include "ports/store/rows/access.h"
#include "ports/store/rows/certificate.h"
#include "service/access/access.h"
#include "trust/x509/authority.h"

namespace holdfast::service::startup {
namespace {

using ports::KeyPurpose;
using ports::KeyRow;
using ports::Table;
using trust::crypto::HashAlgorithm;
using trust::x509::Certificate;

constexpr days kServiceCaLife{20 * 365};
constexpr Duration kBackdated = hours(1);

Result<Blob> sign_with(Deps& deps, const KeyRow& key, Bytes to_be_signed) {
  const auto signer = TRY(deps.keyring.open(key));
  return trust::x509::assemble_certificate(to_be_signed, TRY(signer->sign(HashAlgorithm::Sha256, to_be_signed)));
}

Result<std::optional<KeyRow>> newest(ports::Transaction& tx, KeyPurpose purpose) {
  auto rows = TRY(Table<KeyRow>(tx).scan({.prefix = ports::record_of("", purpose), .limit = 1, .descending = true}));
  if (rows.empty()) return std::optional<KeyRow>();
  return std::optional<KeyRow>(std::move(rows.front()));
}

Result<KeyRow> service_ca(ports::Transaction& tx, Deps& deps, WallTime now) {
  if (auto row = TRY(newest(tx, KeyPurpose::ServiceCa))) return *std::move(row);
  KeyRow row = TRY(deps.keyring.make("", KeyPurpose::ServiceCa, 1, now));
  const Blob to_be_signed = TRY(
      trust::x509::service_ca_to_be_signed({.name = "holdfast",
                                            .spki = row.public_key,
                                            .serial = trust::x509::serial_from(ports::random_array<16>(deps.random)),
                                            .not_before = now - kBackdated,
                                            .not_after = now + kServiceCaLife}));
  row.certificate = TRY(sign_with(deps, row, to_be_signed));
  TRY(Table<KeyRow>(tx).insert(row));
  return row;
}

/// The chain of what is about the service itself has a key of its own, as each catalog's has.
Result<void> settle_audit_key(ports::Transaction& tx, Deps& deps, WallTime now) {
  if (TRY(newest(tx, KeyPurpose::Audit))) return {};
  return Table<KeyRow>(tx).insert(TRY(deps.keyring.make("", KeyPurpose::Audit, 1, now)));
}

bool serves(const Certificate& certificate, const ServerNames& names, WallTime now) {
  return certificate.dns_names() == names.dns_names && certificate.addresses().size() == names.addresses.size() &&
         now >= certificate.not_before() && now + kServerCertificateRenewedBefore < certificate.not_after();
}

/// Every address is compared by making the certificate anew whenever the set of names was another one.
Result<KeyRow> server_key(ports::Transaction& tx, Deps& deps, const KeyRow& ca, const ServerNames& names,
                          const std::string& names_text, WallTime now) {
  const auto last = TRY(newest(tx, KeyPurpose::Server));
  Table<ports::SettingRow> settings(tx);
  const auto issued_for = TRY(settings.find("server-names"));
  if (last && issued_for && issued_for->value == names_text &&
      serves(TRY(trust::x509::parse_certificate(*last->certificate)), names, now)) {
    return *last;
  }
  KeyRow row = TRY(deps.keyring.make("", KeyPurpose::Server, last ? last->number + 1 : 1, now));
  const auto issuer = TRY(trust::x509::parse_certificate(*ca.certificate));
  const Blob to_be_signed =
      TRY(trust::x509::server_to_be_signed({.issuer = issuer,
                                            .dns_names = names.dns_names,
                                            .addresses = names.addresses,
                                            .spki = row.public_key,
                                            .serial = trust::x509::serial_from(ports::random_array<16>(deps.random)),
                                            .not_before = now - kBackdated,
                                            .not_after = now + kServerCertificateLife}));
  row.certificate = TRY(sign_with(deps, ca, to_be_signed));
  TRY(Table<KeyRow>(tx).insert(row));
  const ports::SettingRow setting{"server-names", names_text};
  TRY(issued_for ? settings.update(setting) : settings.insert(setting));
  return row;
}

}  // namespace

Result<ServerIdentity> server_identity(Deps& deps, const ServerNames& names, WallTime now) {
  std::string names_text;
  for (const auto* list : {&names.dns_names, &names.addresses}) {
    for (const std::string& name : *list) names_text.append(name).append("\n");
  }
  ServerIdentity out;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(settle_audit_key(tx, deps, now));
    const KeyRow ca = TRY(service_ca(tx, deps, now));
    const KeyRow key = TRY(server_key(tx, deps, ca, names, names_text, now));
    out.service_ca = *ca.certificate;
    out.certificate = *key.certificate;
    out.key = TRY(deps.keyring.open(key))->to_pkcs8();
    return {};
  }));
  return out;
}

Result<std::string> settle(Deps& deps, std::string_view name, std::string value) {
  std::string out;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    Table<ports::SettingRow> settings(tx);
    const auto row = TRY(settings.find(name));
    out = row ? row->value : value;
    if (row) return {};
    return settings.insert({std::string(name), value});
  }));
  return out;
}

Result<std::optional<std::string>> owner_link(Deps& deps, WallTime now) {
  std::optional<std::string> out;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    out.reset();
    if (TRY(access::has_no_operator(tx))) out = TRY(access::make_owner_link(tx, deps, now));
    return {};
  }));
  return out;
}

}  // namespace holdfast::service::startup
