#include "cli/owner/authorities.h"

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "trust/x509/authority.h"
#include "trust/x509/crl.h"
#include "trust/x509/request.h"

namespace holdfast::cli::owner {
namespace {

namespace x509 = trust::x509;
using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;

constexpr Duration kBackdated = hours(1);
constexpr std::int64_t kNumberMax = 99'999;

ByteArray<16> new_serial(World& world) { return x509::serial_from(ports::random_array<16>(world.random)); }

Result<x509::Certificate> signed_by(const PrivateKey& key, Bytes to_be_signed) {
  const Blob signature = TRY(key.sign(HashAlgorithm::Sha256, to_be_signed));
  return x509::parse_certificate(x509::assemble_certificate(to_be_signed, signature));
}

/// The catalog's offline root in the folder, made at its first use.
Result<x509::Certificate> settle_root(World& world, const std::string& file, x509::Authority authority,
                                      const std::string& catalog, const PrivateKey& key) {
  const auto pem = world.files.read(file, x509::kPemBytesMax);
  if (pem) return TRY(x509::read_certificates(as_text(*pem))).front();
  if (pem.error().next != Next::NotFound) return std::unexpected(pem.error());
  const WallTime now = world.clock.wall_time();
  const Blob to_be_signed = TRY(x509::root_to_be_signed({.authority = authority,
                                                         .catalog = catalog,
                                                         .spki = key.public_key().spki(),
                                                         .serial = new_serial(world),
                                                         .not_before = now - kBackdated,
                                                         .not_after = now - kBackdated + x509::kRootLife}));
  x509::Certificate root = TRY(signed_by(key, to_be_signed));
  TRY(world.files.create(file, as_bytes(x509::to_pem(root)), Access::Everyone));
  return root;
}

/// The root's own revocation list, which names nothing: who checks a whole path (nginx does) wants one from each CA in
/// it. As long in force as the newest issuing CA, since the root is offline until the next one is certified.
Result<std::string> root_list(const PrivateKey& key, const x509::Certificate& root, WallTime now, WallTime until) {
  const Blob to_be_signed = TRY(x509::crl_to_be_signed({.issuer = root,
                                                        .number = static_cast<std::uint64_t>(now.whole_seconds()),
                                                        .this_update = now - kBackdated,
                                                        .next_update = until,
                                                        .url = {},
                                                        .revoked = {}}));
  return x509::crl_to_pem(x509::assemble_crl(to_be_signed, TRY(key.sign(HashAlgorithm::Sha256, to_be_signed))));
}

Result<json::Value> certify(World& world, const Folder& folder, x509::Authority authority, const std::string& catalog,
                            json::Fields prepared) {
  const std::string_view word = name_of(authority);
  const auto number = TRY(prepared.integer("number", 1, kNumberMax));
  // Whoever asks for a certificate proves that the key is theirs; of the request nothing else is taken.
  const auto request = TRY(x509::parse_request(TRY(prepared.base64("request", x509::kRequestBytesMax))));
  const PrivateKey key = TRY(settle_key(world, folder.file_of(catalog, cat(word, "-root-key.pem"))));
  const x509::Certificate root =
      TRY(settle_root(world, folder.file_of(catalog, cat(word, "-root.pem")), authority, catalog, key));
  const WallTime now = world.clock.wall_time();
  const Blob to_be_signed = TRY(x509::issuing_ca_to_be_signed({.authority = authority,
                                                               .catalog = catalog,
                                                               .number = static_cast<int>(number),
                                                               .root = root,
                                                               .spki = request.key.spki(),
                                                               .serial = new_serial(world),
                                                               .not_before = now - kBackdated,
                                                               .not_after = now - kBackdated + x509::kIssuingCaLife}));
  const x509::Certificate issuing = TRY(signed_by(key, to_be_signed));
  TRY(world.files.write(folder.file_of(catalog, cat(word, "-ca-", number, ".pem")), as_bytes(x509::to_pem(issuing)),
                        Access::Everyone));
  const std::string list = TRY(root_list(key, root, now, issuing.not_after()));
  TRY(world.files.write(folder.file_of(catalog, cat(word, "-root.crl")), as_bytes(list), Access::Everyone));
  return json::Object{{"certificate", to_base64(issuing.der())}, {"root", to_base64(root.der())}};
}

}  // namespace

Result<json::Value> certify_authorities(World& world, const Folder& folder, const std::string& catalog,
                                        const json::Value& prepared) {
  TRY(folder.make_catalog_folder(world.files, catalog));
  auto fields = TRY(json::Fields::of(prepared, "authorities"));
  json::Value out;
  out.set("client", TRY(certify(world, folder, x509::Authority::Client, catalog, TRY(fields.object("client")))));
  out.set("update", TRY(certify(world, folder, x509::Authority::Update, catalog, TRY(fields.object("update")))));
  return out;
}

Result<json::Value> certify_unattested(World& world, const Folder& folder, const std::string& catalog,
                                       const json::Value& prepared) {
  TRY(folder.make_catalog_folder(world.files, catalog));
  auto fields = TRY(json::Fields::of(prepared, "authorities"));
  json::Value certified =
      TRY(certify(world, folder, x509::Authority::Unattested, catalog, TRY(fields.object("unattested"))));
  return json::Object{{"unattested", std::move(certified)}};
}

}  // namespace holdfast::cli::owner
