#include "cli/owner/authorities.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
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

/// Which file of a catalog's folder: `client-root.crl`.
std::string file_of(const Folder& folder, const std::string& catalog, x509::Authority authority,
                    std::string_view rest) {
  return folder.file_of(catalog, cat(x509::name_of(authority), "-", rest));
}

/// The list that the root signed last, which is the only record of what it names.
Result<std::optional<x509::Crl>> last_list(World& world, const std::string& file, const x509::Certificate& root) {
  const auto pem = world.files.read(file, x509::kPemBytesMax);
  if (!pem && pem.error().next == Next::NotFound) return std::optional<x509::Crl>();
  if (!pem) return std::unexpected(pem.error());
  const auto lists = TRY(x509::read_crls(as_text(*pem)));
  // Long over, perhaps; what counts is that it is the root's.
  TRY(x509::verify_crl(lists.front(), root, lists.front().this_update()));
  return std::optional(lists.front());
}

/// The root's own revocation list, for who checks a whole path (nginx does) and wants one from each CA in it. As long
/// in force as the newest issuing CA, since the root is offline until the next one is certified.
Result<std::string> root_list(const PrivateKey& key, const x509::Certificate& root, WallTime now, WallTime until,
                              std::vector<x509::Revocation> revoked) {
  const Blob to_be_signed = TRY(x509::crl_to_be_signed({.issuer = root,
                                                        .number = static_cast<std::uint64_t>(now.whole_seconds()),
                                                        .this_update = now - kBackdated,
                                                        .next_update = until,
                                                        .url = {},
                                                        .revoked = std::move(revoked)}));
  return x509::crl_to_pem(x509::assemble_crl(to_be_signed, TRY(key.sign(HashAlgorithm::Sha256, to_be_signed))));
}

struct Root {
  PrivateKey key;
  x509::Certificate certificate;
  std::optional<x509::Crl> list;  ///< the last one
};

Result<Root> open_root(World& world, const Folder& folder, const std::string& catalog, x509::Authority authority) {
  PrivateKey key = TRY(settle_key(world, file_of(folder, catalog, authority, "root-key.pem")));
  x509::Certificate root =
      TRY(settle_root(world, file_of(folder, catalog, authority, "root.pem"), authority, catalog, key));
  auto list = TRY(last_list(world, file_of(folder, catalog, authority, "root.crl"), root));
  return Root{std::move(key), std::move(root), std::move(list)};
}

Result<json::Value> certify(World& world, const Folder& folder, x509::Authority authority, const std::string& catalog,
                            json::Fields prepared) {
  const auto number = TRY(prepared.integer("number", 1, kNumberMax));
  // Whoever asks for a certificate proves that the key is theirs; of the request nothing else is taken.
  const auto request = TRY(x509::parse_request(TRY(prepared.base64("request", x509::kRequestBytesMax))));
  const Root root = TRY(open_root(world, folder, catalog, authority));
  const WallTime now = world.clock.wall_time();
  const Blob to_be_signed = TRY(x509::issuing_ca_to_be_signed({.authority = authority,
                                                               .catalog = catalog,
                                                               .number = static_cast<int>(number),
                                                               .root = root.certificate,
                                                               .spki = request.key.spki(),
                                                               .serial = new_serial(world),
                                                               .not_before = now - kBackdated,
                                                               .not_after = now - kBackdated + x509::kIssuingCaLife}));
  const x509::Certificate issuing = TRY(signed_by(root.key, to_be_signed));
  const auto revoked = root.list ? root.list->entries() : std::vector<x509::Revocation>();
  const std::string list = TRY(root_list(root.key, root.certificate, now, issuing.not_after(), revoked));
  TRY(world.files.write(file_of(folder, catalog, authority, cat("ca-", number, ".pem")),
                        as_bytes(x509::to_pem(issuing)), Access::Everyone));
  TRY(world.files.write(file_of(folder, catalog, authority, "root.crl"), as_bytes(list), Access::Everyone));
  return json::Object{{"certificate", to_base64(issuing.der())}, {"root", to_base64(root.certificate.der())}};
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

Result<json::Value> certify_authority(World& world, const Folder& folder, const std::string& catalog,
                                      x509::Authority authority, const json::Value& prepared) {
  TRY(folder.make_catalog_folder(world.files, catalog));
  return certify(world, folder, authority, catalog, TRY(json::Fields::of(prepared, "authority")));
}

Result<std::string> distrust_authority(World& world, const Folder& folder, const std::string& catalog,
                                       x509::Authority authority, std::int64_t number) {
  const Blob pem =
      TRY(world.files.read(file_of(folder, catalog, authority, cat("ca-", number, ".pem")), x509::kPemBytesMax));
  const auto issuing = TRY(x509::read_certificates(as_text(pem))).front();
  const Root root = TRY(open_root(world, folder, catalog, authority));
  std::string file = file_of(folder, catalog, authority, "root.crl");
  if (root.list && root.list->find(issuing.serial())) return file;
  const WallTime now = world.clock.wall_time();
  auto revoked = root.list ? root.list->entries() : std::vector<x509::Revocation>();
  revoked.push_back({to_blob(issuing.serial()), now, x509::RevocationReason::CaCompromise});
  const WallTime until = std::max(issuing.not_after(), root.list ? root.list->next_update() : now);
  TRY(world.files.write(file, as_bytes(TRY(root_list(root.key, root.certificate, now, until, std::move(revoked)))),
                        Access::Everyone));
  return file;
}

}  // namespace holdfast::cli::owner
