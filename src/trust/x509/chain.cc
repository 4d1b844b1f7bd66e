#include "trust/x509/chain.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/form.h"
#include "trust/x509/names.h"
#include "trust/x509/path.h"

namespace holdfast::trust::x509 {
namespace {

Result<void> require_budget(const Certificate& leaf, const ChainRequest& request) {
  const auto over = [](std::string_view what, std::size_t most, std::size_t seen) {
    return fail(Next::Rejected, kChainBudget, cat("expected at most ", most, ' ', what, ", saw ", seen));
  };
  if (request.trusted.size() > kTrustedMax) return over("trusted certificates", kTrustedMax, request.trusted.size());
  if (request.untrusted.size() > kUntrustedMax) {
    return over("untrusted certificates", kUntrustedMax, request.untrusted.size());
  }
  if (request.crls.size() > kCrlsMax) return over("revocation lists", kCrlsMax, request.crls.size());
  if (!is_within_budget(leaf))
    return fail(Next::Rejected, kChainBudget, "expected a leaf of fewer names, saw too many");
  return {};
}

Result<void> require_name(const Certificate& leaf, const ChainRequest& request) {
  if (request.host && !names_host(leaf, *request.host)) {
    return fail(Next::Rejected, kChainName,
                cat("expected a certificate for '", printable(*request.host), "', saw one for [",
                    printable(join(leaf.dns_names(), ", ")), "]"));
  }
  if (!request.address) return {};
  const std::optional<Blob> address = address_from(*request.address);
  if (!address || !names_address(leaf, *address)) {
    return fail(Next::Rejected, kChainName,
                cat("expected a certificate for the address '", printable(*request.address), "', saw none"));
  }
  return {};
}

/// Self-issued intermediates do not count, as in path lengths (RFC 5280 §6.1.4 (l)).
Result<void> require_depth(const std::vector<Certificate>& path, std::optional<int> depth) {
  const auto intermediates =
      std::count_if(path.begin() + 1, path.end() - 1, [](const Certificate& ca) { return !ca.is_self_issued(); });
  if (depth && intermediates > *depth) {
    return fail(Next::Rejected, kChainTooDeep, cat("expected at most ", *depth, " intermediates, saw ", intermediates));
  }
  return {};
}

/// Every list that its issuer's name is on must be good; one of those that cover the certificate must be there.
Result<void> require_unrevoked(const Certificate& certificate, const Certificate& issuer, const std::vector<Crl>& crls,
                               WallTime now) {
  bool any = false;
  bool covered = false;
  for (const Crl& crl : crls) {
    if (!is_issuer_of(issuer, crl)) continue;
    any = true;
    TRY(verify_crl(crl, issuer, now));
    if (crl.url() && crl.url() != certificate.crl_url()) continue;
    covered = true;
    if (const auto revocation = crl.find(certificate.serial())) {
      return fail(Next::Rejected, kCertificateRevoked,
                  cat("expected '", certificate.subject_text(), "' to be in force, saw it revoked at ",
                      to_rfc3339(revocation->at)));
    }
  }
  if (any && !covered) {
    return fail(Next::Rejected, kCrlUntrusted,
                cat("expected a revocation list for '", certificate.subject_text(), "', saw those of other points"));
  }
  return {};
}

Result<void> require_path(const std::vector<Certificate>& path, const ChainRequest& request) {
  TRY(require_validity(path, request.time));
  TRY(require_depth(path, request.depth));
  for (std::size_t i = 0; i < path.size(); ++i) TRY(require_path_form(path[i], i + 1 == path.size()));
  TRY(require_constraints(path));
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    TRY(require_unrevoked(path[i], path[i + 1], request.crls, request.time));
  }
  return {};
}

}  // namespace

Result<std::vector<Certificate>> verify_chain(const Certificate& leaf, const ChainRequest& request) {
  TRY(require_budget(leaf, request));
  TRY(require_validity({leaf}, request.time));
  TRY(require_end_entity_form(leaf, request.purpose));
  TRY(require_name(leaf, request));
  const PathRules rules{.strict = true,
                        .purpose = request.purpose,
                        .accept = [&](const std::vector<Certificate>& path) { return require_path(path, request); }};
  return find_path(leaf, request.untrusted, request.trusted, rules);
}

Result<std::vector<Certificate>> verify_chain(const ChainQuestion& question) {
  const std::vector<Certificate> leaf = TRY(read_certificates(question.leaf));
  if (leaf.size() != 1) {
    return fail(Next::Rejected, kPemMalformed, cat("expected one leaf certificate, saw ", leaf.size()));
  }
  ChainRequest request{.trusted = {},
                       .untrusted = {},
                       .crls = {},
                       .time = question.time,
                       .purpose = question.purpose,
                       .host = question.host,
                       .address = question.address,
                       .depth = question.depth};
  request.trusted = TRY(read_certificates(question.trusted));
  if (!trim(question.untrusted).empty()) request.untrusted = TRY(read_certificates(question.untrusted));
  for (const std::string& pem : question.crls) {
    std::vector<Crl> crls = TRY(read_crls(pem));
    std::ranges::move(crls, std::back_inserter(request.crls));
  }
  return verify_chain(leaf.front(), request);
}

}  // namespace holdfast::trust::x509
