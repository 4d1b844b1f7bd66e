#include "trust/x509/path.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <deque>

#include "base/check.h"
#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/form.h"

namespace holdfast::trust::x509 {
namespace {

using Verification = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;
struct StackFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }  // the certificates are ours
};
using Stack = std::unique_ptr<STACK_OF(X509), StackFree>;

/// 112 bits of security: RSA and DH of 2048 bits, EC of 224, SHA-224 in signatures.
constexpr int kSecurityLevel = 2;

struct Attempt {
  std::vector<Certificate> path;  ///< as far as it went, leaf first
  Result<void> outcome;
};

/// Left out of a search, by their digests.
using Excluded = std::vector<Digest256>;

bool is_excluded(const Excluded& excluded, const Certificate& certificate) {
  return std::ranges::find(excluded, certificate.sha256()) != excluded.end();
}

Stack stack_of(const std::vector<Certificate>& certificates, const Excluded& excluded) {
  Stack out(sk_X509_new_null());
  CHECK_INVARIANT(out != nullptr);
  for (const Certificate& certificate : certificates) {
    // What would cost too much to look at is no candidate.
    if (!is_within_budget(certificate) || has_bare_policy_constraints(certificate)) continue;
    if (is_excluded(excluded, certificate)) continue;
    CHECK_INVARIANT(sk_X509_push(out.get(), certificate.held().x509.get()) > 0);
  }
  return out;
}

/// RFC 5280 §4.2.1.3 has CAs include a key usage, and §6.1.4 (n) has verifiers look at it where it is: the one rule of
/// the strict verifier that is about making certificates only.
int pass_missing_key_usage(int good, X509_STORE_CTX* verification) {
  return good == 1 || X509_STORE_CTX_get_error(verification) == X509_V_ERR_CA_CERT_MISSING_KEY_USAGE ? 1 : 0;
}

Reason reason_of(int error) {
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED: return kChainUntrusted;
    case X509_V_ERR_INVALID_PURPOSE: return kChainPurpose;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED: return kChainTooDeep;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX: return kChainConstraint;
    default: return kChainProfile;
  }
}

std::vector<Certificate> path_of(X509_STORE_CTX* verification, const Certificate& leaf,
                                 const std::vector<Certificate>& untrusted, const std::vector<Certificate>& trusted) {
  std::vector<Certificate> path{leaf};
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(verification);
  for (int i = 1; i < sk_X509_num(chain); ++i) {
    const X509* wanted = sk_X509_value(chain, i);
    const auto same = [&](const Certificate& certificate) { return certificate.held().x509.get() == wanted; };
    const auto from_untrusted = std::ranges::find_if(untrusted, same);
    const auto from_trusted = std::ranges::find_if(trusted, same);
    if (from_trusted != trusted.end())
      path.push_back(*from_trusted);
    else if (from_untrusted != untrusted.end())
      path.push_back(*from_untrusted);
  }
  return path;
}

void configure(X509_STORE_CTX* verification, const PathRules& rules) {
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(verification);
  unsigned long flags = X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME;
  if (rules.strict) flags |= X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK;
  X509_VERIFY_PARAM_set_flags(param, flags);
  X509_VERIFY_PARAM_set_depth(param, kChainDepthMax);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  const int purpose = !rules.purpose                      ? X509_PURPOSE_ANY
                      : *rules.purpose == Purpose::Server ? X509_PURPOSE_SSL_SERVER
                                                          : X509_PURPOSE_SSL_CLIENT;
  CHECK_INVARIANT(X509_VERIFY_PARAM_set_purpose(param, purpose) == 1);
  X509_STORE_CTX_set_verify_cb(verification, pass_missing_key_usage);
}

Attempt attempt(const Certificate& leaf, const std::vector<Certificate>& untrusted,
                const std::vector<Certificate>& trusted, const Excluded& excluded, const PathRules& rules) {
  const Stack untrusted_stack = stack_of(untrusted, excluded);
  const Stack trusted_stack = stack_of(trusted, excluded);
  const Verification verification(X509_STORE_CTX_new());
  CHECK_INVARIANT(verification &&
                  X509_STORE_CTX_init(verification.get(), nullptr, leaf.held().x509.get(), untrusted_stack.get()) == 1);
  X509_STORE_CTX_set0_trusted_stack(verification.get(), trusted_stack.get());
  configure(verification.get(), rules);
  const int verified = X509_verify_cert(verification.get());
  const int error = X509_STORE_CTX_get_error(verification.get());
  ERR_clear_error();
  Attempt out{path_of(verification.get(), leaf, untrusted, trusted), {}};
  if (verified != 1) {
    out.outcome = fail(
        Next::Rejected, reason_of(error),
        cat("expected a path from '", leaf.subject_text(), "' to a trusted root, saw ",
            X509_verify_cert_error_string(error), " at depth ", X509_STORE_CTX_get_error_depth(verification.get())));
  } else if (out.path.size() < 2 || std::ranges::find(trusted, out.path.back()) == trusted.end()) {
    // X509_V_FLAG_PARTIAL_CHAIN has OpenSSL accept any path from a leaf that is trusted itself.
    out.outcome = fail(Next::Rejected, kChainUntrusted,
                       cat("expected a trusted issuer above '", leaf.subject_text(), "', saw none"));
  } else {
    out.outcome = rules.accept(out.path);
  }
  return out;
}

}  // namespace

Result<std::vector<Certificate>> find_path(const Certificate& leaf, const std::vector<Certificate>& untrusted,
                                           const std::vector<Certificate>& trusted, const PathRules& rules) {
  std::deque<Excluded> to_try{{}};
  Result<void> first_outcome;
  for (int paths = 0; paths < kPathsMax && !to_try.empty(); ++paths) {
    Excluded excluded = std::move(to_try.front());
    to_try.pop_front();
    Attempt next = attempt(leaf, untrusted, trusted, excluded, rules);
    if (next.outcome) return std::move(next.path);
    if (first_outcome) first_outcome = std::move(next.outcome);
    for (std::size_t i = 1; i < next.path.size(); ++i) {
      Excluded wider = excluded;
      wider.push_back(next.path[i].sha256());
      std::ranges::sort(wider);
      if (std::ranges::find(to_try, wider) == to_try.end()) to_try.push_back(std::move(wider));
    }
  }
  return std::unexpected(std::move(first_outcome).error());
}

Result<void> require_validity(const std::vector<Certificate>& path, WallTime now) {
  // Certificates count in whole seconds; the last second is valid to its end.
  const WallTime second = WallTime::from_seconds(now.whole_seconds());
  for (const Certificate& certificate : path) {
    if (second < certificate.not_before() || second > certificate.not_after()) {
      return fail(Next::Rejected, kChainExpired,
                  cat("expected '", certificate.subject_text(), "' to be valid at ", to_rfc3339(second), ", saw ",
                      to_rfc3339(certificate.not_before()), " to ", to_rfc3339(certificate.not_after())));
    }
  }
  return {};
}

}  // namespace holdfast::trust::x509
