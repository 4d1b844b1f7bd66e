#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/owner/trust_policies.h"
#include "trust/x509/certificate.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
namespace x509 = trust::x509;
using cli::owner::Folder;

constexpr Reason kTpmRootUnfit{"tpm-root-unfit"};
constexpr Reason kTpmRootUnknown{"tpm-root-unknown"};
constexpr std::size_t kDigestPrefixMin = 8;

/// PEM or DER, one or more.
Result<std::vector<x509::Certificate>> certificates_in(World& world, const std::string& file) {
  const Blob bytes = TRY(world.files.read(file, x509::kPemBytesMax));
  const bool is_pem = as_text(bytes).find("-----BEGIN") != std::string_view::npos;
  if (is_pem) return x509::read_certificates(as_text(bytes));
  std::vector<x509::Certificate> one;
  one.push_back(TRY(x509::parse_certificate(bytes)));
  return one;
}

Result<void> require_root(const x509::Certificate& certificate, const std::string& file) {
  if (certificate.is_ca() && certificate.is_self_issued()) return {};
  return fail(Next::Rejected, kTpmRootUnfit,
              cat("expected the self-signed root of a TPM maker in ", printable(file), ", saw ",
                  certificate.subject_text(), " by ", certificate.issuer_text()));
}

bool holds(const std::vector<Blob>& roots, Bytes der) {
  return std::ranges::any_of(roots, [&](const Blob& root) { return equal(root, der); });
}

Result<void> add(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  auto policy = TRY(next_trust_policy(call.world, call.session, folder, call.catalog));
  const std::size_t before = policy.tpm_roots.size();
  for (const std::string& file : call.arguments.texts("FILE")) {
    auto certificates = certificates_in(call.world, file);
    if (!certificates) return fail_within(printable(file), std::move(certificates).error());
    for (const x509::Certificate& certificate : *certificates) {
      TRY(require_root(certificate, file));
      if (!holds(policy.tpm_roots, certificate.der())) policy.tpm_roots.push_back(to_blob(certificate.der()));
    }
  }
  if (policy.tpm_roots.size() == before) {
    show_done(call.world, call.format, "These TPM roots were there already.");
    return {};
  }
  show_done(call.world, call.format, TRY(issue(call.world, call.session, folder, policy)));
  return {};
}

Result<void> remove(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  auto policy = TRY(next_trust_policy(call.world, call.session, folder, call.catalog));
  const std::string& prefix = call.text("SHA256");
  const auto is_meant = [&](const Blob& root) { return to_hex(trust::crypto::sha256(root)).starts_with(prefix); };
  if (prefix.size() < kDigestPrefixMin || std::ranges::count_if(policy.tpm_roots, is_meant) != 1) {
    return fail(Next::NotFound, kTpmRootUnknown,
                cat("expected the first ", kDigestPrefixMin, " digits or more of one TPM root's SHA-256, saw '",
                    printable(prefix, 64), "'"));
  }
  std::erase_if(policy.tpm_roots, is_meant);
  show_done(call.world, call.format, TRY(issue(call.world, call.session, folder, policy)));
  return {};
}

/// As the service has it, or, with the owner's folder, as the owner's root verifies it.
Result<std::vector<Blob>> roots_of(Call& call) {
  if (call.arguments.has("--owner")) {
    const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
    const auto policy = TRY(trust_policy_in_force(call.world, call.session, folder, call.catalog));
    return policy ? policy->tpm_roots : std::vector<Blob>();
  }
  const json::Value answer = TRY(call.session.get(call.path("owner-documents")));
  auto fields = TRY(json::Fields::of(answer, "owner documents"));
  if (!fields.has("trust_policy")) return std::vector<Blob>();
  const Blob bytes = TRY(fields.base64("trust_policy", tuf::kEnvelopeBytesMax));
  return TRY(tuf::read_trust_policy(TRY(tuf::parse_envelope(bytes)))).tpm_roots;
}

Result<void> list(Call& call) {
  json::Array items;
  for (const Blob& der : TRY(roots_of(call))) {
    const auto certificate = x509::parse_certificate(der);
    items.push_back(
        json::Object{{"sha256", to_hex(trust::crypto::sha256(der))},
                     {"subject", certificate ? certificate->subject_text() : std::string("unreadable")},
                     {"not_after", certificate ? json::Value(to_rfc3339(certificate->not_after())) : json::Value()}});
  }
  show_list(call.world, call.format, items,
            {{"SHA-256", "sha256"}, {"SUBJECT", "subject"}, {"NOT AFTER", "not_after"}});
  return {};
}

}  // namespace

std::vector<Command> tpm_root(World& world) {
  const Option owner{.name = "--owner", .value = "DIR", .help = "the owner's folder", .required = true};
  Option maybe_owner = owner;
  maybe_owner.required = false;
  maybe_owner.help = "verify the list by the owner's root first";
  return {group("tpm-root", "whose TPMs a catalog accepts; part of the owner's trust policy"),
          in_catalog(world,
                     {.path = "tpm-root add",
                      .summary = "accept devices whose TPM has an endorsement certificate under these roots",
                      .options = {{.name = "FILE",
                                   .value = "FILE",
                                   .help = "root certificates, PEM or DER",
                                   .required = true,
                                   .repeated = true},
                                  owner},
                      .examples = "  holdfast tpm-root add maker/swtpm-localca-rootca-cert.pem --owner owner",
                      .run = {}},
                     add),
          in_catalog(world,
                     {.path = "tpm-root list",
                      .summary = "list the accepted TPM roots",
                      .options = {maybe_owner},
                      .examples = "  holdfast tpm-root list --catalog fleet --owner owner",
                      .run = {}},
                     list),
          in_catalog(world,
                     {.path = "tpm-root remove",
                      .summary = "accept new devices under this root no longer",
                      .options = {{.name = "SHA256",
                                   .value = "SHA256",
                                   .help = "its digest, or 8 digits of it and more",
                                   .required = true},
                                  owner},
                      .examples = "  holdfast tpm-root remove 3f2a91c0 --owner owner",
                      .run = {}},
                     remove)};
}

}  // namespace holdfast::cli::commands
