#include "device/release/release.h"

#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/device_release.h"
#include "wire/bootstrap.h"
#include "wire/release.h"

namespace holdfast::device::release {
namespace {

namespace tuf = trust::tuf;

Result<Blob> get(contact::Services& services, const record::Owner& owner, std::string path) {
  return services.call({.services = owner.services,
                        .peer = ports::ContentPinned{},
                        .identity = {},
                        .method = "GET",
                        .path = std::move(path),
                        .body = {}});
}

}  // namespace

Result<std::optional<record::Release>> ask(contact::Services& services, ports::Vault& vault, const Device& device,
                                           WallTime now) {
  const record::Owner& owner = device.owner;
  const auto statement = get(services, owner, cat("/v1/release/", owner.catalog, "/", device.identity.device));
  if (!statement && statement.error().reason == contact::kServiceNotFound) return std::optional<record::Release>();
  if (!statement) return std::unexpected(statement.error());
  const auto documents = TRY(wire::Bootstrap::decode(TRY(get(services, owner, cat("/v1/bootstrap/", owner.catalog)))));
  const auto root = TRY(tuf::verify_root_chain(documents.root_chain, owner.root));
  record::Release out;
  out.attestation_key = trust::crypto::sha256(device.attestation_key.public_area);
  const auto release = TRY(
      tuf::verify_device_release(*statement, root, owner.catalog, device.identity.device, out.attestation_key, now));
  auto quoted = TRY(vault.quote(device.attestation_key, tuf::release_qualifying_data(release->signed_digest)));
  out.confirmation =
      wire::ReleaseConfirmation{owner.catalog, device.identity.device, release->signed_digest,
                                std::move(quoted.attestation.attest), std::move(quoted.attestation.signature)}
          .encode();
  out.services = owner.services;
  out.service_ca = owner.service_ca;
  out.expires = release->expires;
  out.old_ticket = device.identity.ticket;
  return std::optional(std::move(out));
}

Result<void> confirm(contact::Services& services, const record::Release& release) {
  TRY(services.call({.services = release.services,
                     .peer = ports::PeerUnder{release.service_ca},
                     .identity = {},
                     .method = "POST",
                     .path = "/v1/release/confirm",
                     .body = release.confirmation}));
  return {};
}

}  // namespace holdfast::device::release
