#include "cli/session/config.h"

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::cli {
namespace {

using trust::audit::Remembered;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kTextBytesMax = 512;
constexpr std::size_t kKeyBytesMax = 16 * 1024;

Result<Remembered> audit_from(json::Fields fields, std::string_view catalog) {
  Remembered out;
  out.head.catalog = catalog;
  out.head.sequence = TRY(fields.integer("sequence", 0, INT64_MAX));
  out.head.hash = TRY(fields.digest256("hash"));
  out.public_key = TRY(fields.base64("public_key", kKeyBytesMax));
  TRY(fields.done());
  return out;
}

Result<KnownCatalog> known_from(const json::Value& value, std::string_view catalog) {
  auto fields = TRY(json::Fields::of(value, "catalog"));
  KnownCatalog out;
  if (fields.has("owner_root_sha256")) out.owner_root = TRY(fields.digest256("owner_root_sha256"));
  if (fields.has("audit")) out.audit = TRY(audit_from(TRY(fields.object("audit")), catalog));
  TRY(fields.done());
  return out;
}

json::Value to_json(const KnownCatalog& known) {
  json::Object out;
  if (known.owner_root) out.emplace_back("owner_root_sha256", to_hex(*known.owner_root));
  if (known.audit) {
    out.emplace_back("audit", json::Object{{"sequence", known.audit->head.sequence},
                                           {"hash", to_hex(known.audit->head.hash)},
                                           {"public_key", to_base64(known.audit->public_key)}});
  }
  return out;
}

Result<Config> config_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "configuration"));
  TRY(fields.integer("format", kFormat, kFormat));
  Config out;
  out.url = TRY(fields.text("url", kTextBytesMax));
  out.service_ca_sha256 = TRY(fields.digest256("service_ca_sha256"));
  out.operator_name = TRY(fields.text("operator", kTextBytesMax));
  std::string token = TRY(fields.text("token", kTextBytesMax));
  out.token = Secret(as_bytes(token));
  wipe(token);
  if (fields.has("catalog")) out.catalog = TRY(fields.text("catalog", kTextBytesMax));
  const json::Value& catalogs = *TRY(fields.value("catalogs"));
  if (catalogs.object() == nullptr || catalogs.object()->size() > kCatalogsKnownMax) {
    return fail(Next::Corrupt, kConfigMalformed, cat("expected at most ", kCatalogsKnownMax, " catalogs, saw others"));
  }
  for (const auto& [name, known] : *catalogs.object()) out.catalogs[name] = TRY(known_from(known, name));
  TRY(fields.done());
  return out;
}

}  // namespace

Result<Config> parse_config(Bytes file) {
  const auto value = json::parse(file, {.bytes_max = kConfigBytesMax});
  auto config = value ? config_from(*value) : std::unexpected(value.error());
  if (!config) return fail(Next::Corrupt, kConfigMalformed, std::move(config).error().message);
  return config;
}

Secret dump_config(const Config& config) {
  json::Object catalogs;
  for (const auto& [name, known] : config.catalogs) catalogs.emplace_back(name, to_json(known));
  json::Object members{{"format", kFormat},
                       {"url", config.url},
                       {"service_ca_sha256", to_hex(config.service_ca_sha256)},
                       {"operator", config.operator_name},
                       {"token", as_text(config.token.expose())}};
  if (!config.catalog.empty()) members.emplace_back("catalog", config.catalog);
  members.emplace_back("catalogs", std::move(catalogs));
  std::string text = json::dump_pretty(members) + "\n";
  Secret out(as_bytes(text));
  wipe(text);
  return out;
}

}  // namespace holdfast::cli
