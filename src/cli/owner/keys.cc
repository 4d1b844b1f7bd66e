#include "cli/owner/keys.h"

#include "base/check.h"
#include "base/text.h"
#include "trust/x509/pem.h"

namespace holdfast::cli::owner {
namespace {

using trust::crypto::KeyKind;
using trust::crypto::PrivateKey;

constexpr std::size_t kEntropyBytes = 48;
constexpr std::string_view kLabel = "PRIVATE KEY";

}  // namespace

PrivateKey new_key(ports::Random& random) {
  auto key = PrivateKey::ec_from_entropy(KeyKind::EcP256, ports::random_secret(random, kEntropyBytes).expose());
  CHECK_INVARIANT(key);
  return *std::move(key);
}

Result<void> write_key(Files& files, const std::string& file, const PrivateKey& key) {
  std::string pem = trust::x509::to_pem(kLabel, key.to_pkcs8().expose());
  auto made = files.create(file, as_bytes(pem), Access::OwnerOnly);
  wipe(pem);
  return made;
}

Result<PrivateKey> read_key(Files& files, const std::string& file) {
  const Secret pem = TRY(files.read_private(file, kKeyFileBytesMax));
  auto blocks = TRY(trust::x509::pem_blocks(as_text(pem.expose()), kLabel));
  if (blocks.size() != 1) {
    return fail(Next::Rejected, kKeyFileMalformed,
                cat("expected one private key in ", printable(file), ", saw ", blocks.size()));
  }
  const Secret der(std::move(blocks.front()));
  auto key = PrivateKey::from_pkcs8(der.expose());
  if (!key) return fail_within(printable(file), std::move(key).error());
  const KeyKind kind = key->public_key().kind();
  if (kind == KeyKind::EcP256 || kind == KeyKind::Ed25519) return key;
  return fail(Next::Rejected, kKeyFileMalformed,
              cat("expected a P-256 or Ed25519 key in ", printable(file), ", saw ", name_of(kind)));
}

Result<PrivateKey> settle_key(World& world, const std::string& file) {
  auto key = read_key(world.files, file);
  if (key || key.error().next != Next::NotFound) return key;
  PrivateKey made = new_key(world.random);
  TRY(write_key(world.files, file, made));
  return made;
}

}  // namespace holdfast::cli::owner
