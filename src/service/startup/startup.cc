#include "service/startup/startup.h"

#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/access.h"
#include "ports/store/rows/certificate.h"
#include "service/access/access.h"
#include "service/identity/authorities.h"
#include "service/numbers.h"
#include "trust/crypto/hash.h"
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

/// Where the settings say which server key is for these names: processes that share a store may have different ones.
std::string setting_of(const ServerNames& names) {
  std::string text;
  for (const auto* list : {&names.dns_names, &names.addresses}) {
    for (const std::string& name : *list) text.append(name).append("\n");
    text.append("\n");
  }
  return "server-key/" + to_hex(trust::crypto::sha256(as_bytes(text)));
}

Result<std::optional<KeyRow>> server_key_of(ports::Transaction& tx, const std::optional<ports::SettingRow>& setting) {
  std::int64_t number = 0;
  if (setting) std::from_chars(setting->value.data(), setting->value.data() + setting->value.size(), number);
  return Table<KeyRow>(tx).find("", KeyPurpose::Server, number);
}

bool lasts(const Certificate& certificate, WallTime now) {
  return now >= certificate.not_before() && now + kServerCertificateRenewedBefore < certificate.not_after();
}

Result<KeyRow> server_key(ports::Transaction& tx, Deps& deps, const KeyRow& ca, const ServerNames& names,
                          WallTime now) {
  Table<ports::SettingRow> settings(tx);
  const std::string setting_name = setting_of(names);
  const auto setting = TRY(settings.find(setting_name));
  if (auto row = TRY(server_key_of(tx, setting))) {
    if (lasts(TRY(trust::x509::parse_certificate(*row->certificate)), now)) return *std::move(row);
  }
  const auto last = TRY(newest(tx, KeyPurpose::Server));
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
  const ports::SettingRow chosen{setting_name, cat(row.number)};
  TRY(setting ? settings.update(chosen) : settings.insert(chosen));
  return row;
}

}  // namespace

Result<ServerIdentity> server_identity(Deps& deps, const ServerNames& names, WallTime now) {
  ServerIdentity out;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(settle_audit_key(tx, deps, now));
    const KeyRow ca = TRY(service_ca(tx, deps, now));
    const KeyRow key = TRY(server_key(tx, deps, ca, names, now));
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

Result<void> require_whole(Deps& deps) {
  return deps.store.read([](ports::Transaction& tx) -> Result<void> {
    if (!TRY(Table<ports::SettingRow>(tx).find(kRestoreUnderWay))) return {};
    return fail(Next::Corrupt, kRestoreCutOff,
                "expected a whole database, saw one whose restoring was cut off; restore into an empty one again");
  });
}

Result<std::vector<std::string>> keys_out_of_reach(Deps& deps) {
  std::vector<KeyRow> keys;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    keys = TRY(Table<KeyRow>(tx).scan({.limit = ports::kScanRowsMax}));
    return {};
  }));
  std::vector<std::string> out;
  for (const KeyRow& row : keys) {
    if (std::ranges::find(identity::kIssuingAuthorities, row.purpose) == std::end(identity::kIssuingAuthorities))
      continue;
    if (const auto signer = deps.keyring.signer(row); !signer) {
      out.push_back(cat(identity::key_name(row), ": ", signer.error().message));
    }
  }
  return out;
}

Result<void> require_service_key(Deps& deps) {
  const std::string fingerprint = deps.keyring.fingerprint();
  const std::string expected = TRY(settle(deps, "service-key", fingerprint));
  if (expected == fingerprint) return {};
  return fail(Next::Denied, kServiceKeyForeign,
              cat("expected the service key that this database was begun with (", expected, "), saw another one (",
                  fingerprint, "); give every process that shares the database the same service key"));
}

}  // namespace holdfast::service::startup
