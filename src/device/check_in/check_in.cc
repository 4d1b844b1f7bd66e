#include "device/check_in/check_in.h"

#include "base/check.h"
#include "base/text.h"

namespace holdfast::device::check_in {

wire::CheckInRequest request_of(const Device& device, const ports::BootFacts& facts) {
  wire::CheckInRequest message;
  message.boot_count = facts.boot_count;
  for (const auto& one : facts.running) message.running.push_back({one.component, one.version, one.security_version});
  message.trust_policy = device.owner.trust_policy.version;
  if (device.audit) message.audit_head = device.audit->head;
  if (device.news) {
    message.director = device.news->director;
    message.counts = device.news->counts;
    message.updates = device.news->updates;
    message.time_nonce = device.news->time_nonce;
  }
  return message;
}

ports::ClientIdentity identity_of(const Device& device) {
  const wire::IssuedCertificate* certificate = device.attested.certificate();
  CHECK_INVARIANT(certificate != nullptr);
  return {.key = device.attested.is_client() ? device.keys.client : device.keys.update,
          .certificate = certificate->certificate};
}

Result<wire::CheckInResult> check_in(contact::Services& services, const Device& device, const ports::BootFacts& facts) {
  return wire::CheckInResult::decode(TRY(services.call({.services = device.owner.services,
                                                        .peer = ports::PeerUnder{device.owner.service_ca},
                                                        .identity = identity_of(device),
                                                        .method = "POST",
                                                        .path = "/v1/check-in",
                                                        .body = request_of(device, facts).encode()})));
}

Result<void> require_forward(const std::optional<record::AuditSeen>& seen, const wire::AuditHead& shown) {
  if (!seen || shown.sequence > seen->head.sequence || shown == seen->head) return {};
  return fail(Next::Corrupt, kAuditWentBack,
              cat("expected an audit head behind record ", seen->head.sequence, " or that same one, saw record ",
                  shown.sequence, shown.sequence == seen->head.sequence ? " with another hash" : ""));
}

}  // namespace holdfast::device::check_in
