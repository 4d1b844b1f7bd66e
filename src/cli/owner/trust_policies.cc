#include "cli/owner/trust_policies.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/owner/device_releases.h"

namespace holdfast::cli::owner {
namespace {

namespace tuf = trust::tuf;

constexpr std::string_view kFileName = "trust-policy.json";
constexpr std::size_t kDocumentBytesMax = 256 * 1024;

/// What was last published from here: an answer with less is an old one.
Result<tuf::TrustPolicyPin> pin_in(World& world, const Folder& folder, const std::string& catalog) {
  const auto bytes = published_trust_policy(world.files, folder, catalog);
  if (!bytes && bytes.error().next == Next::NotFound) return tuf::TrustPolicyPin{};
  if (!bytes) return std::unexpected(bytes.error());
  return pin_of(TRY(tuf::read_trust_policy(TRY(tuf::parse_envelope(*bytes)))));
}

/// The service must have our roots, all of them: a trust policy by a root that it does not know would be refused.
Result<void> require_our_roots(const std::vector<Blob>& roots, const Folder& folder) {
  if (roots == folder.roots()) return {};
  if (!roots.empty() && roots.size() < folder.roots().size() &&
      std::equal(roots.begin(), roots.end(), folder.roots().begin())) {
    return fail(Next::Conflict, kRootUnpublished,
                cat("expected the service to have root ", folder.roots().size(), ", saw root ", roots.size(),
                    "; publish the next with holdfast owner publish"));
  }
  return fail(Next::Denied, tuf::kRootNotPinned,
              cat("expected the catalog to have the roots of ", printable(folder.path()), ", saw others"));
}

Result<std::string> write_draft(World& world, const Folder& folder, const Document& document) {
  const std::string file = folder.file_of(document.catalog, cat("trust-policy-", document.version, ".draft.json"));
  TRY(world.files.write(file, tuf::dump_envelope(document.envelope), Access::Everyone));
  return cat("Trust policy ", document.version, " needs ", missing(document), " more. It is in ", file,
             ".\nHave its holders run\n  holdfast owner sign ", file,
             " --dir DIR\nand then run\n  holdfast owner publish ", file, " --catalog ", document.catalog, " --dir ",
             folder.path());
}

}  // namespace

Result<std::optional<tuf::TrustPolicy>> trust_policy_in_force(World& world, Session& session, const Folder& folder,
                                                              const std::string& catalog) {
  const json::Value answer = TRY(session.get(path_of({"catalogs", catalog, "owner-documents"})));
  auto fields = TRY(json::Fields::of(answer, "owner documents"));
  TRY(require_our_roots(TRY(fields.base64s("roots", tuf::kRootChainMax, kDocumentBytesMax)), folder));
  const tuf::TrustPolicyPin pin = TRY(pin_in(world, folder, catalog));
  if (!fields.has("trust_policy") && pin.version == 0) return std::optional<tuf::TrustPolicy>();
  const Blob bytes = TRY(fields.base64("trust_policy", kDocumentBytesMax));
  auto verified = tuf::verify_trust_policy(bytes, folder.root(), catalog, pin);
  if (verified) return std::optional(**verified);
  // Behind a change of keys the policy in force is still signed by the old ones. The one that was published from here
  // is known by its digest; a newer one that the old keys alone have signed is not believed.
  const tuf::TrustPolicy read = TRY(tuf::read_trust_policy(TRY(tuf::parse_envelope(bytes))));
  const bool is_ours = read.version == pin.version && read.signed_digest == pin.signed_digest;
  if (is_ours && read.catalog == catalog) return std::optional(read);
  return std::unexpected(std::move(verified).error());
}

Result<Blob> published_trust_policy(Files& files, const Folder& folder, const std::string& catalog) {
  return files.read(folder.file_of(catalog, kFileName), kDocumentBytesMax);
}

Result<tuf::TrustPolicy> first_trust_policy(World& world, Session& session, const std::string& catalog) {
  const json::Value answer = TRY(session.get(path_of({"service"})));
  auto fields = TRY(json::Fields::of(answer, "service"));
  tuf::TrustPolicy out;
  out.catalog = catalog;
  out.services = TRY(fields.texts("device_urls", tuf::kServicesMax, tuf::kServiceUrlBytesMax));
  out.service_ca = TRY(fields.base64("service_ca", tuf::kCertificateBytesMax));
  const Digest256 digest = trust::crypto::sha256(out.service_ca);
  if (digest != session.config().service_ca_sha256) {
    return fail(Next::Denied, kServiceCaForeign,
                cat("expected devices to be given the CA with SHA-256 ", to_hex(session.config().service_ca_sha256),
                    ", which login pinned, saw ", to_hex(digest)));
  }
  out.expires = world.clock.wall_time() + kTrustPolicyLife;
  return out;
}

Result<tuf::TrustPolicy> next_trust_policy(World& world, Session& session, const Folder& folder,
                                           const std::string& catalog) {
  auto current = TRY(trust_policy_in_force(world, session, folder, catalog));
  if (!current) return first_trust_policy(world, session, catalog);
  ++current->version;
  current->expires = world.clock.wall_time() + kTrustPolicyLife;
  current->time_floor.reset();
  return *std::move(current);
}

Result<std::string> issue(World& world, Session& session, const Folder& folder, const tuf::TrustPolicy& policy) {
  TRY(folder.make_catalog_folder(world.files, policy.catalog));
  Document document = TRY(document_of(TRY(tuf::make_trust_policy(policy)), &*folder.root()));
  const auto keys = TRY(keys_in(world, folder.path()));
  if (!keys.empty()) TRY(sign(document, keys));
  if (!missing(document).empty()) return write_draft(world, folder, document);
  TRY(publish(world, session, folder, policy.catalog, document));
  return cat("Trust policy ", policy.version, " of ", policy.catalog, " is in force until ", to_rfc3339(policy.expires),
             ".");
}

Result<void> publish(World& world, Session& session, const Folder& folder, const std::string& catalog,
                     const Document& document) {
  if (const std::string needed = missing(document); !needed.empty()) {
    return fail(Next::Rejected, kSignaturesMissing,
                cat("expected all signatures, saw that it needs ", needed, " more"));
  }
  if (document.kind == DocumentKind::DeviceRelease) return publish_release(session, catalog, document);
  const bool is_root = document.kind == DocumentKind::Root;
  if (!is_root && document.kind != DocumentKind::TrustPolicy) {
    return fail(
        Next::Rejected, kDocumentUnknown,
        cat("expected a root, a trust policy or a release, saw the ", name_of(document.kind),
            "; holdfast approval approve, holdfast catalog import and holdfast release publish take the others"));
  }
  if (!is_root && document.catalog != catalog) {
    return fail(Next::Rejected, tuf::kTrustPolicyForeign,
                cat("expected a trust policy of ", printable(catalog), ", saw one of ", printable(document.catalog)));
  }
  const Blob bytes = tuf::dump_envelope(document.envelope);
  TRY(session.put(path_of({"catalogs", catalog, is_root ? "root" : "trust-policy"}),
                  json::Object{{"document", to_base64(bytes)}}));
  TRY(folder.make_catalog_folder(world.files, catalog));
  return world.files.write(is_root ? root_file(folder.path(), document.version) : folder.file_of(catalog, kFileName),
                           bytes, Access::Everyone);
}

}  // namespace holdfast::cli::owner
